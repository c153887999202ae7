internal import DualTableScan
internal import DynamoDBClient
internal import HTTPTransport
internal import Synchronization

/// Rechecks the suspects of a whole run, several requests at a time.
final class RecheckPass: Sendable {
  private let configuration: Verification.Configuration
  private let rechecker: Rechecker
  private let store: FindingStore
  private let stop: StopSignal
  private let books = Mutex(Rechecker.Counts())

  init(_ configuration: Verification.Configuration, _ rechecker: Rechecker, _ store: FindingStore, _ stop: StopSignal) {
    self.configuration = configuration
    self.rechecker = rechecker
    self.store = store
    self.stop = stop
  }

  /// What is known so far.
  var counts: Rechecker.Counts { books.withLock { $0 } }

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
      let size = rechecker.batchSize
      for start in stride(from: 0, to: suspects.count, by: size) where stop.reason == nil {
        guard let findings = try await rechecker.recheck(suspects[start..<min(start + size, suspects.count)]) else { return }
        try await store.report(found: findings.found, superseded: findings.superseded)
        books.withLock { $0 += findings.counts }
      }
    }
  }
}
