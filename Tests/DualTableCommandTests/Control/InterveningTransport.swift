import DynamoDBSimulator
import HTTPTransport
import Synchronization

/// An engine with somebody else at work: acts once, right before a request of some operation is carried out.
final class InterveningTransport: HTTPTransport {
  private let engine: DynamoDBSimulator
  private let operation: String
  private let count: Int
  private let action: @Sendable () async -> Void
  private let hasActed = Atomic(false)

  /// - Parameter count: requests of the operation that pass before.
  init(_ engine: DynamoDBSimulator, before operation: String, after count: Int = 0, _ action: @escaping @Sendable () async -> Void) {
    self.engine = engine
    self.operation = operation
    self.count = count
    self.action = action
  }

  var loops: [any TaskExecutor] { engine.loops }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    // The source isn't asked for its operation: whoever sends deletes does so one at a time, after its first page.
    if engine.requestCount(operation) >= count, engine.requestCount("Scan") > 0, !hasActed.exchange(true, ordering: .relaxed) {
      await action()
    }
    await engine.perform(source, at: origin, timeouts: timeouts)
  }

  func shutdown() async {}
}
