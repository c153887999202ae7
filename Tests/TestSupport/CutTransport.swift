package import HTTPTransport
internal import Synchronization

/// The network of one process, which can be cut for good: nothing that it sends then arrives, and no answer reaches it.
package final class CutTransport: HTTPTransport {
  private let engine: any HTTPTransport
  package let loops: [any TaskExecutor]
  private let isCut = Atomic(false)

  /// - Parameter loops: what the process runs on; nil: what the engine runs on.
  package init(_ engine: any HTTPTransport, loops: [any TaskExecutor]? = nil) {
    self.engine = engine
    self.loops = loops ?? engine.loops
  }

  /// As if the process had died now, whatever it does while it is being ended.
  package func cut() { isCut.store(true, ordering: .relaxed) }

  package func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    await engine.perform(Line(source, self), at: origin, timeouts: timeouts)
  }

  package func shutdown() async {}

  /// Sound as `@unchecked Sendable`: used by `perform` alone, from one thread at a time.
  private final class Line: HTTPRequestSource, @unchecked Sendable {
    private let source: any HTTPRequestSource
    private let network: CutTransport

    init(_ source: any HTTPRequestSource, _ network: CutTransport) {
      self.source = source
      self.network = network
    }

    private var isCut: Bool { network.isCut.load(ordering: .relaxed) }

    var mayHaveMore: Bool { source.mayHaveMore }

    func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
      guard isCut else { return source.nextRequest(into: &request) }
      while let token = source.nextRequest(into: &request) {
        source.failed(token, HTTPTransportError(.connect, mayHaveArrived: false, "cut"))
      }
      return nil
    }

    func answered(_ token: Int, _ answer: inout HTTPAnswer) {
      if isCut { return source.failed(token, HTTPTransportError(.receive, mayHaveArrived: true, "cut")) }
      source.answered(token, &answer)
    }

    func failed(_ token: Int, _ error: HTTPTransportError) { source.failed(token, error) }
  }
}
