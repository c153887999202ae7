package import HTTPTransport
internal import Synchronization

extension DynamoDBSimulator {
  package var loops: [any TaskExecutor] { [time.executor ?? globalConcurrentExecutor] }

  package func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    var queue = ExchangeQueue(self, timeouts.total.inNanoseconds)
    await queue.perform(source)
  }

  package func shutdown() async { state.withLock { $0.isShutDown = true } }
}

/// A request on its way there, or its answer on its way back.
private final class Exchange {
  var token = 0
  var request = HTTPRequestBuffer()
  var fate = Fate()
  /// The answer; nil while the request hasn't arrived.
  var answer: SimulatedAnswer?
  /// When the next thing happens to it, in nanoseconds.
  var due: Int64 = 0
  /// When the client loses patience.
  var deadline: Int64 = 0

  var isLate: Bool { due > deadline }
  var next: Int64 { min(due, deadline) }
}

/// The exchanges of one source that are under way, and what happens to them in which order.
private struct ExchangeQueue {
  /// Requests of one source that are under way at once.
  private static let width = 8

  private let simulator: DynamoDBSimulator
  private let patience: Int64
  private var underWay: [Exchange] = []
  private var spare: [Exchange] = []
  /// Exchanges since others had their turn.
  private var steps = 0

  init(_ simulator: DynamoDBSimulator, _ patience: Int64) {
    self.simulator = simulator
    self.patience = patience
  }

  mutating func perform(_ source: any HTTPRequestSource) async {
    var isDrained = false
    while true {
      while !isDrained, underWay.count < Self.width, !Task.isCancelled { isDrained = !pull(source) }
      guard !underWay.isEmpty else { return }
      let index = chooseNext()
      do {
        if underWay[index].next > simulator.time.now() {
          try await simulator.time.sleep(underWay[index].next)
        } else {
          // Others get their turn among the requests, so that clients of one simulator interleave.
          steps += 1
          if steps % underWay.count == 0 { await Task.yield() }
          try Task.checkCancellation()
        }
      } catch {
        return cancel(source)
      }
      step(index, source)
      isDrained = !source.mayHaveMore
    }
  }

  /// Sends the source's next request; false if it has none.
  private mutating func pull(_ source: any HTTPRequestSource) -> Bool {
    let exchange = spare.popLast() ?? Exchange()
    exchange.request.reset()
    guard let token = source.nextRequest(into: &exchange.request) else {
      spare.append(exchange)
      return false
    }
    let moment = simulator.moment
    exchange.token = token
    exchange.answer = nil
    exchange.fate = simulator.state.withLock { $0.send(exchange.request, at: moment) }
    exchange.due = moment.elapsed + exchange.fate.arrival
    exchange.deadline = moment.elapsed + patience
    underWay.append(exchange)
    return true
  }

  /// The exchange to which something happens first; of those that are due at once, one by the seed.
  private func chooseNext() -> Int {
    guard underWay.count > 1 else { return 0 }
    let first = underWay.map(\.next).min() ?? 0
    let candidates = underWay.indices.filter { underWay[$0].next == first }
    return candidates[simulator.state.withLock { $0.draw(below: candidates.count) }]
  }

  /// Lets happen what is due.
  private mutating func step(_ index: Int, _ source: any HTTPRequestSource) {
    let exchange = underWay[index]
    if exchange.isLate {
      end(index)
      // What is still on its way arrives when nobody waits for it any more.
      if exchange.answer == nil { abandon(exchange) }
      return source.failed(
        exchange.token, HTTPTransportError(.timeout, mayHaveArrived: true, "The simulated service took longer than the time limit."))
    }
    if exchange.answer == nil {
      let moment = simulator.moment
      exchange.answer = simulator.state.withLock { $0.arrive(exchange.request, exchange.fate, at: moment) }
      exchange.due += exchange.fate.answer
      if exchange.fate.answer > 0 { return }
    }
    guard let answer = exchange.answer.take() else { return }
    end(index)
    deliver(answer, exchange.token, exchange.due - exchange.deadline + patience, source)
  }

  private func deliver(_ answer: consuming SimulatedAnswer, _ token: Int, _ nanoseconds: Int64, _ source: any HTTPRequestSource) {
    switch answer.ending {
    case .whole:
      var wire = answer.wire(after: nanoseconds)
      source.answered(token, &wire)
    case .broken:
      source.failed(token, HTTPTransportError(.receive, mayHaveArrived: true, "The simulated connection broke."))
    case .brokenAfter:
      source.failed(
        token, HTTPTransportError(.receive, mayHaveArrived: true, "The simulated connection broke in the middle of the answer."))
    case .closed:
      source.failed(token, HTTPTransportError(.closed, mayHaveArrived: false, "The simulator was shut down."))
    }
  }

  private mutating func cancel(_ source: any HTTPRequestSource) {
    for exchange in underWay {
      if exchange.answer == nil { abandon(exchange) }
      source.failed(exchange.token, HTTPTransportError(.cancelled, mayHaveArrived: true, "The call was cancelled."))
    }
    underWay = []
  }

  private func abandon(_ exchange: Exchange) {
    if !exchange.fate.isCutOff { simulator.state.withLock { $0.abandon(exchange.request, arrivingAt: exchange.due) } }
  }

  private mutating func end(_ index: Int) { spare.append(underWay.remove(at: index)) }
}
