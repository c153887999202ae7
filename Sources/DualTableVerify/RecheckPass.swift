internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport
internal import Synchronization

/// Rechecks the suspects, several at a time, by the reads that `Recheck` asks for.
final class RecheckPass: Sendable {
  /// What the suspects turned out to be.
  struct Counts: Sendable, Equatable {
    var rechecked = 0
    var missing = 0
    var unconvertible = 0
    var undecided = 0
  }

  private let configuration: Verification.Configuration
  private let store: VerifyStore
  private let stop: StopSignal
  private let books = Mutex((counts: Counts(), failuresOnEnd: 0))

  /// So many reads in a row that fail are no matter of single items.
  private static let failureLimit = 100

  init(_ configuration: Verification.Configuration, _ store: VerifyStore, _ stop: StopSignal) {
    self.configuration = configuration
    self.store = store
    self.stop = stop
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
      let keys = try await store.nextSuspects()
      if keys.isEmpty { return }
      var lines = ByteBuffer()
      for key in keys {
        if stop.reason != nil { break }
        try await recheck(key, &lines)
      }
      try await store.report((0..<lines.count).map { lines[$0] })
    }
  }

  private func recheck(_ newKey: Item, _ lines: inout ByteBuffer) async throws {
    var recheck = Recheck(newKey: newKey, mapping: configuration.mapping)
    do throws(DynamoDBError) {
      while true {
        switch recheck.step {
        case .readNew(let key): recheck.answered(try await read(configuration.new, key))
        case .readOld(let key): recheck.answered(try await read(configuration.old, key))
        case .done(let verdict):
          books.withLock { $0.failuresOnEnd = 0 }
          return count(verdict, newKey, &lines)
        }
      }
    } catch {
      // An access key that is still unknown after all tries is unknown to every read.
      guard error.isRetryable && error.code != .unrecognizedClient else { throw error }
      // All tries are spent. One id that can't be read isn't known to be lost; many in a row are an outage, which is the cause to tell.
      let failures = books.withLock { books in
        books.failuresOnEnd += 1
        return books.failuresOnEnd
      }
      if failures >= Self.failureLimit { throw error }
      count(.undecided, newKey, &lines)
    }
  }

  private func read(_ side: TableSide, _ key: Item) async throws(DynamoDBError) -> Item? {
    let input = GetItemInput(tableName: side.table, key: key, consistentRead: true)
    return try await side.client.getItem(input, options: CallOptions(retry: .bulk(deadline: configuration.patience))).item
  }

  private func count(_ verdict: Recheck.Verdict, _ newKey: Item, _ lines: inout ByteBuffer) {
    let schema = configuration.mapping.oldSchema
    books.withLock { books in
      books.counts.rechecked += 1
      switch verdict {
      case .present, .gone: break
      case .missing: books.counts.missing += 1
      case .unconvertible: books.counts.unconvertible += 1
      case .undecided: books.counts.undecided += 1
      }
    }
    switch verdict {
    case .present, .gone: break
    case .missing(let oldKey): Finding.missing(newKey: newKey).append(key: oldKey, schema: schema, to: &lines)
    case .unconvertible(let oldKey, let error): Finding.unconvertible(error).append(key: oldKey, schema: schema, to: &lines)
    case .undecided:
      guard let oldKey = try? configuration.mapping.oldKey(for: newKey) else { return }
      Finding.undecided(newKey: newKey).append(key: oldKey, schema: schema, to: &lines)
    }
  }
}
