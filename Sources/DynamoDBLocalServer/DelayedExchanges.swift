internal import CMicroHTTPD
internal import Dispatch
internal import DynamoDBSimulator
internal import HTTPTransport
internal import Synchronization

/// Exchanges whose connections are suspended while a request or an answer travels.
final class DelayedExchanges: Sendable {
  private struct State {
    /// The connections, by number.
    var waiting: [Int: UInt] = [:]
    var last = 0
    var isEnded = false
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "dualtable.local.delays")

  /// Lets the request of a suspended connection arrive when it is due, and resumes the connection when its answer is.
  func run(connection: UInt, _ exchange: ServerExchange, _ simulator: DynamoDBSimulator) {
    let number = state.withLock { state in
      state.last += 1
      state.waiting[state.last] = connection
      return state.last
    }
    let isEnded = after(exchange.fate.arrival) { [self] in
      // Ended meanwhile, the connection is no longer ours to touch.
      guard state.withLock({ $0.waiting[number] != nil }) else { return }
      var body = ByteBuffer()
      swap(&body, &exchange.body)
      exchange.answer = simulator.arrive(exchange.head, body, exchange.fate)
      _ = after(exchange.fate.answer) { [self] in resume(number) }
    }
    if isEnded { resume(number) }
  }

  /// Resumes every connection now, as broken where its request hasn't arrived.
  func end() {
    let numbers = state.withLock { state in
      state.isEnded = true
      return state.waiting.keys.sorted()
    }
    queue.sync { for number in numbers { resume(number) } }
  }

  /// Runs `body` on the queue in so many nanoseconds; does nothing and returns true where all has ended.
  private func after(_ nanoseconds: Int64, _ body: @escaping @Sendable () -> Void) -> Bool {
    if state.withLock({ $0.isEnded }) { return true }
    queue.asyncAfter(deadline: .now() + .nanoseconds(Int(nanoseconds)), execute: body)
    return false
  }

  private func resume(_ number: Int) {
    guard let connection = state.withLock({ $0.waiting.removeValue(forKey: number) }) else { return }
    unsafe MHD_resume_connection(OpaquePointer(bitPattern: connection))
  }
}
