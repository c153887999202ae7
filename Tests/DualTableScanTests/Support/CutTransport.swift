import HTTPTransport
import Synchronization

/// The network of one process, which can be cut for good: nothing that it sends then arrives, and no answer reaches it.
final class CutTransport: HTTPTransport {
  private let engine: any HTTPTransport
  private let isCut = Atomic(false)

  init(_ engine: any HTTPTransport) { self.engine = engine }

  /// As if the process had died now, whatever it does while it is being ended.
  func cut() { isCut.store(true, ordering: .relaxed) }

  var loops: [any TaskExecutor] { engine.loops }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    guard isCut.load(ordering: .relaxed) else { return await engine.perform(source, at: origin, timeouts: timeouts) }
    var request = HTTPRequestBuffer()
    while source.mayHaveMore, let token = source.nextRequest(into: &request) {
      source.failed(token, HTTPTransportError(.connect, mayHaveArrived: false, "cut"))
    }
  }

  func shutdown() async {}
}
