internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport
internal import Synchronization

/// Rechecks the suspects, many in a request and several requests at a time, by the reads that `Recheck` asks for.
final class RecheckPass: Sendable {
  /// What the suspects turned out to be.
  struct Counts: Sendable, Equatable {
    var rechecked = 0
    var missing = 0
    var repaired = 0
    var unconvertible = 0
    var undecided = 0
    var superseded = 0
    var differing = 0
  }

  /// The lines of one batch.
  private struct Lines: ~Copyable {
    var found = ByteBuffer()
    var superseded = ByteBuffer()
  }

  private let configuration: Verification.Configuration
  private let rules: Recheck.Rules
  private let store: FindingStore
  private let stop: StopSignal
  private let books = Mutex((counts: Counts(), failuresOnEnd: 0))

  /// So many ids in a row that can't be read are no matter of single items.
  private static let failureLimit = 100
  /// Differing items whose differences are listed.
  private static let mostDifferences = 100
  /// Whole items asked for at once: 10 MB of the largest.
  private static let wholeItems = 25

  init(_ configuration: Verification.Configuration, _ digester: IDDigester, _ store: FindingStore, _ stop: StopSignal) {
    self.configuration = configuration
    self.store = store
    self.stop = stop
    rules = Recheck.Rules(
      mapping: configuration.mapping, digester: digester, comparesContent: configuration.comparesContent,
      writtenAttribute: configuration.writtenAttribute)
  }

  /// What is known so far.
  var counts: Counts { books.withLock { $0.counts } }

  /// Works until no suspect is left, or until `stop` asks.
  func run() async throws {
    let loops = configuration.new.client.transport.loops
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<configuration.openSegments {
        group.addTask(executorPreference: loops[index % loops.count]) { try await self.work() }
      }
      while try await group.next() != nil {}
    }
  }

  private func work() async throws {
    while stop.reason == nil {
      let suspects = try await store.nextSuspects()
      if suspects.isEmpty { return }
      var lines = Lines()
      let size = configuration.comparesContent ? Self.wholeItems : SuspectFile.batchSize
      for start in stride(from: 0, to: suspects.count, by: size) where stop.reason == nil {
        try await recheck(suspects[start..<min(start + size, suspects.count)], &lines)
      }
      try await store.report(
        found: (0..<lines.found.count).map { lines.found[$0] }, superseded: (0..<lines.superseded.count).map { lines.superseded[$0] })
    }
  }

  /// Rechecks a few suspects together: all first reads in one request, then all second ones, then all third ones.
  private func recheck(_ suspects: ArraySlice<Suspect>, _ lines: inout Lines) async throws {
    var open = suspects.map { Recheck($0, rules) }
    while !open.isEmpty {
      var next: [Recheck] = []
      let new = try await read(configuration.new, open.compactMap(\.wantedNew), configuration.mapping.newSchema)
      let old = try await readOld(open.compactMap(\.wantedOld))
      for var recheck in open {
        let answer = recheck.wantedNew.map { new[$0] } ?? recheck.wantedOld.map { old[$0] } ?? nil
        if let answer {
          recheck.answered(answer)
        } else {
          try await finish(recheck, .undecided, &lines)
          continue
        }
        if case .done(let verdict) = recheck.step {
          try await finish(recheck, verdict, &lines)
        } else {
          next.append(recheck)
        }
      }
      open = next
    }
  }

  private func readOld(_ keys: [Item]) async throws -> Answers {
    // Several new items of one old item ask for the same key, and no request may hold a key twice.
    var seen: Set<Item> = []
    let distinct = keys.filter { seen.insert($0).inserted }
    var answers = Answers()
    for start in stride(from: 0, to: distinct.count, by: Self.wholeItems) {
      let part = Array(distinct[start..<min(start + Self.wholeItems, distinct.count)])
      answers.merge(try await read(configuration.old, part, configuration.mapping.oldSchema))
    }
    return answers
  }

  /// What consistent reads said of keys; of those that couldn't be read they say nothing.
  private struct Answers {
    private var items: [Item: Item?] = [:]

    subscript(key: Item) -> Item?? {
      get { items[key] }
      set { items[key] = newValue }
    }

    mutating func merge(_ others: Answers) { items.merge(others.items) { $1 } }
  }

  private func read(_ side: TableSide, _ keys: [Item], _ schema: KeySchema) async throws -> Answers {
    var answers = Answers()
    if keys.isEmpty { return answers }
    var wanted = KeysAndAttributes(keys: keys, consistentRead: true)
    if schema == configuration.mapping.newSchema, side.table == configuration.new.table, !configuration.comparesContent {
      let names = schema.attributes.map(\.name) + [configuration.mapping.reservedAttribute]
      wanted.projectionExpression = names.indices.map { "#\($0)" }.joined(separator: ",")
      wanted.expressionAttributeNames = Dictionary(uniqueKeysWithValues: names.enumerated().map { ("#\($0.offset)", $0.element) })
    }
    let options = CallOptions(retry: .bulk(deadline: configuration.patience))
    let output: BatchGetItemOutput
    var unread: Set<Item> = []
    do throws(IncompleteBatch<BatchGetItemOutput>) {
      output = try await side.client.batchGetAllItems(BatchGetItemInput(requestItems: [side.table: wanted]), options: options)
    } catch {
      output = error.output
      unread = Set(error.output.unprocessedKeys[side.table]?.keys ?? [])
      try failed(unread.count, error.cause)
    }
    if unread.isEmpty { books.withLock { $0.failuresOnEnd = 0 } }
    for key in keys where !unread.contains(key) { answers[key] = .some(nil) }
    for item in output.responses[side.table] ?? [] {
      if let key = schema.key(of: item) { answers[key] = item }
    }
    return answers
  }

  /// Judges reads that failed after all tries.
  ///
  /// One id that can't be read isn't known to be lost; many in a row are an outage, and so is what concerns every request.
  private func failed(_ count: Int, _ error: DynamoDBError) throws {
    // An access key that is still unknown after all tries is unknown to every read.
    guard error.isRetryable && error.code != .unrecognizedClient else { throw error }
    let failures = books.withLock { books in
      books.failuresOnEnd += count
      return books.failuresOnEnd
    }
    if failures >= Self.failureLimit { throw error }
  }

  private func finish(_ recheck: Recheck, _ verdict: Recheck.Verdict, _ lines: inout Lines) async throws {
    let newKey = recheck.newKey
    let schema = configuration.mapping.oldSchema
    books.withLock { $0.counts.rechecked += 1 }
    switch verdict {
    case .present, .gone: break
    case .missing(let oldKey, let lost):
      let repair = try await configuration.repair?.put(lost, configuration)
      if repair == .present { return }
      note { $0.missing += 1 }
      if repair == .repaired { note { $0.repaired += 1 } }
      Finding.missing(newKey: newKey, isRepaired: repair == .repaired).append(key: oldKey, schema: schema, to: &lines.found)
    case .unconvertible(let oldKey, let error):
      note { $0.unconvertible += 1 }
      Finding.unconvertible(error).append(key: oldKey, schema: schema, to: &lines.found)
    case .superseded(let oldKey):
      note { $0.superseded += 1 }
      Finding.superseded(newKey: newKey).append(key: oldKey, schema: schema, to: &lines.superseded)
    case .differing(let oldKey, let expected, let found):
      let isListed = books.withLock { books in
        books.counts.differing += 1
        return books.counts.differing <= Self.mostDifferences
      }
      let difference = isListed ? ItemDifference(from: expected, to: found) : nil
      Finding.differing(newKey: newKey, difference).append(key: oldKey, schema: schema, to: &lines.found)
    case .undecided:
      note { $0.undecided += 1 }
      if let oldKey = recheck.oldKey { Finding.undecided(newKey: newKey).append(key: oldKey, schema: schema, to: &lines.found) }
    }
  }

  private func note(_ change: (inout Counts) -> Void) { books.withLock { change(&$0.counts) } }
}

extension Recheck {
  fileprivate var wantedNew: Item? {
    if case .readNew(let key) = step { key } else { nil }
  }

  fileprivate var wantedOld: Item? {
    if case .readOld(let key) = step { key } else { nil }
  }
}
