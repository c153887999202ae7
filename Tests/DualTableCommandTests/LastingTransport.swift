import HTTPTransport

/// An engine that outlives the run of a command, which shuts down what it was lent.
final class LastingTransport: HTTPTransport {
  private let engine: any HTTPTransport

  init(_ engine: any HTTPTransport) { self.engine = engine }

  var loops: [any TaskExecutor] { engine.loops }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    await engine.perform(source, at: origin, timeouts: timeouts)
  }

  func shutdown() async {}
}
