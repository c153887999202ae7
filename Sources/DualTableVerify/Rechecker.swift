internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport
internal import Synchronization

/// Judges suspects, many in a request, by the reads that `Recheck` asks for; one for all of a run's workers.
final class Rechecker: Sendable {
  /// What suspects turned out to be.
  struct Counts: Sendable, Equatable {
    /// Those that took more than one look.
    var twice = 0
    var rechecked = 0
    var missing = 0
    var repaired = 0
    var unconvertible = 0
    var undecided = 0
    var superseded = 0
    var differing = 0
    /// Those that the old table doesn't yield anymore.
    var gone = 0

    static func += (left: inout Self, right: Self) {
      left.twice += right.twice
      left.rechecked += right.rechecked
      left.missing += right.missing
      left.repaired += right.repaired
      left.unconvertible += right.unconvertible
      left.undecided += right.undecided
      left.superseded += right.superseded
      left.differing += right.differing
      left.gone += right.gone
    }
  }

  /// What some suspects came to.
  struct Findings: Sendable {
    var counts = Counts()
    /// Lines of JSON of what is missing or wrong, and of what was written since.
    var found: [UInt8] = []
    var superseded: [UInt8] = []
    /// Thousandths of units that the reads of each table took.
    var oldMilliunits = 0
    var newMilliunits = 0
  }

  private let configuration: Verification.Configuration
  private let rules: Recheck.Rules
  private let oldControl: PassControl
  private let newControl: PassControl
  private let books = Mutex((differing: 0, failuresOnEnd: 0))

  /// So many ids in a row that can't be read are no matter of single items.
  private static let failureLimit = 100
  /// Differing items whose differences are listed.
  private static let mostDifferences = 100
  /// Whole items asked for at once: 10 MB of the largest.
  private static let wholeItems = 25

  init(_ configuration: Verification.Configuration, _ digester: IDDigester, old: PassControl, new: PassControl) {
    self.configuration = configuration
    (oldControl, newControl) = (old, new)
    rules = Recheck.Rules(
      mapping: configuration.mapping, digester: digester, comparesContent: configuration.comparesContent,
      writtenAttribute: configuration.writtenAttribute)
  }

  /// Suspects that are looked at together.
  var batchSize: Int { configuration.comparesContent ? Self.wholeItems : SuspectFile.batchSize }

  /// Looks at up to `batchSize` suspects: all first reads in one request, then all second ones, then all third ones.
  ///
  /// - Parameter isFirstConsistent: whether the first look at the new table is. One that isn't costs half, and does where most suspects
  ///   are there: what it misses is looked at twice more.
  /// - Returns: nil if the run was asked to stop and the reads' turn didn't come in time.
  func recheck(_ suspects: ArraySlice<Suspect>, isFirstConsistent: Bool = true) async throws -> Findings? {
    var findings = Findings()
    var open = suspects.map { Recheck($0, rules) }
    var isConsistent = isFirstConsistent
    while !open.isEmpty {
      var next: [Recheck] = []
      guard
        let new = try await read(
          configuration.new, newControl, open.compactMap(\.wantedNew), isConsistent, units: &findings.newMilliunits),
        let old = try await readOld(open.compactMap(\.wantedOld), units: &findings.oldMilliunits)
      else { return nil }
      isConsistent = true
      for var recheck in open {
        let answer = recheck.wantedNew.map { new[$0] } ?? recheck.wantedOld.map { old[$0] } ?? nil
        if let answer {
          recheck.answered(answer)
        } else {
          try await finish(recheck, .undecided, &findings)
          continue
        }
        if case .done(let verdict) = recheck.step {
          try await finish(recheck, verdict, &findings)
        } else {
          next.append(recheck)
        }
      }
      findings.counts.twice = max(findings.counts.twice, next.count)
      open = next
    }
    return findings
  }

  private func readOld(_ keys: [Item], units: inout Int) async throws -> Answers? {
    // Several new items of one old item ask for the same key, and no request may hold a key twice.
    var seen: Set<Item> = []
    let distinct = keys.filter { seen.insert($0).inserted }
    var answers = Answers()
    for start in stride(from: 0, to: distinct.count, by: Self.wholeItems) {
      let part = Array(distinct[start..<min(start + Self.wholeItems, distinct.count)])
      guard let found = try await read(configuration.old, oldControl, part, true, units: &units) else { return nil }
      answers.merge(found)
    }
    return answers
  }

  /// What reads said of keys; of those that couldn't be read they say nothing.
  private struct Answers {
    private var items: [Item: Item?] = [:]

    subscript(key: Item) -> Item?? {
      get { items[key] }
      set { items[key] = newValue }
    }

    mutating func merge(_ others: Answers) { items.merge(others.items) { $1 } }
  }

  private func read(
    _ side: TableSide, _ control: PassControl, _ keys: [Item], _ isConsistent: Bool, units: inout Int
  ) async throws -> Answers? {
    var answers = Answers()
    // A second's budget may be less than a request of all of them.
    let cost = isConsistent ? 1.0 : 0.5
    let most = control.read.status.limit.map { max(1, min(keys.count, Int($0 / 5 / cost))) } ?? max(1, keys.count)
    for start in stride(from: 0, to: keys.count, by: most) {
      let part = Array(keys[start..<min(start + most, keys.count)])
      let expected = Double(part.count) * cost
      guard try await control.turn(control.read, expected, .readPace, grace: configuration.gracePeriod, on: side.client.clock) else {
        return nil
      }
      let used = try await read(side, part, isConsistent, into: &answers)
      control.read.charge(used - expected)
      control.read.used(used)
      units += Int((used * 1_000).rounded())
    }
    return answers
  }

  /// One request; returns the units that it took.
  private func read(_ side: TableSide, _ keys: [Item], _ isConsistent: Bool, into answers: inout Answers) async throws -> Double {
    let isNew = side.table == configuration.new.table && side.client.origin == configuration.new.client.origin
    let schema = isNew ? configuration.mapping.newSchema : configuration.mapping.oldSchema
    var wanted = KeysAndAttributes(keys: keys, consistentRead: isConsistent)
    if isNew && !configuration.comparesContent {
      let names = schema.attributes.map(\.name) + [configuration.mapping.reservedAttribute]
      wanted.projectionExpression = names.indices.map { "#\($0)" }.joined(separator: ",")
      wanted.expressionAttributeNames = Dictionary(uniqueKeysWithValues: names.enumerated().map { ("#\($0.offset)", $0.element) })
    }
    let options = CallOptions(retry: .bulk(deadline: configuration.patience))
    let output: BatchGetItemOutput
    var unread: Set<Item> = []
    do throws(IncompleteBatch<BatchGetItemOutput>) {
      output = try await side.client.batchGetAllItems(
        BatchGetItemInput(requestItems: [side.table: wanted], returnConsumedCapacity: .total), options: options)
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
    return output.consumedCapacity.compactMap(\.capacityUnits).reduce(0, +)
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

  private func finish(_ recheck: Recheck, _ verdict: Recheck.Verdict, _ findings: inout Findings) async throws {
    let newKey = recheck.newKey
    findings.counts.rechecked += 1
    switch verdict {
    case .present: break
    case .gone: findings.counts.gone += 1
    case .missing(let oldKey, let lost):
      let repair = try await configuration.repair?.put(lost, configuration)
      if repair == .present { return }
      findings.counts.missing += 1
      if repair == .repaired { findings.counts.repaired += 1 }
      append(.missing(newKey: newKey, isRepaired: repair == .repaired), oldKey, to: &findings.found)
    case .unconvertible(let oldKey, let error):
      findings.counts.unconvertible += 1
      append(.unconvertible(error), oldKey, to: &findings.found)
    case .superseded(let oldKey):
      findings.counts.superseded += 1
      append(.superseded(newKey: newKey), oldKey, to: &findings.superseded)
    case .differing(let oldKey, let expected, let found):
      findings.counts.differing += 1
      let isListed = books.withLock { books in
        books.differing += 1
        return books.differing <= Self.mostDifferences
      }
      append(
        .differing(newKey: newKey, isListed ? ItemDifference(from: expected, to: found) : nil), oldKey, to: &findings.found)
    case .undecided:
      findings.counts.undecided += 1
      if let oldKey = recheck.oldKey { append(.undecided(newKey: newKey), oldKey, to: &findings.found) }
    }
  }

  private func append(_ finding: Finding, _ oldKey: Item, to lines: inout [UInt8]) {
    var line = ByteBuffer()
    finding.append(key: oldKey, schema: configuration.mapping.oldSchema, to: &line)
    for index in 0..<line.count { lines.append(line[index]) }
  }
}

extension Recheck {
  fileprivate var wantedNew: Item? {
    if case .readNew(let key) = step { key } else { nil }
  }

  fileprivate var wantedOld: Item? {
    if case .readOld(let key) = step { key } else { nil }
  }
}
