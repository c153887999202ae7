import HTTPTransport
import Synchronization

/// Refuses every request as denied, and keeps who signed it and where it went.
final class SignerTransport: HTTPTransport {
  let loops: [any TaskExecutor] = [globalConcurrentExecutor]
  private let kept = Mutex<[String]>([])

  /// `KEY/region url`, each once, in the order of the first.
  var signers: [String] { kept.withLock { $0 } }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    while true {
      var buffer = HTTPRequestBuffer()
      guard let token = source.nextRequest(into: &buffer) else { return }
      let message = buffer.message
      let text = String(decoding: message.indices.map { message[$0] }, as: UTF8.self)
      let credential = text.firstRange(of: "Credential=").map { text[$0.upperBound...].prefix { $0 != "," }.split(separator: "/") } ?? []
      let signer = credential.count > 2 ? "\(credential[0])/\(credential[2]) \(origin)" : "nobody"
      kept.withLock { if !$0.contains(signer) { $0.append(signer) } }
      let body = #"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"no"}"#
      var answer = HTTPAnswer(status: 400, bytes: ByteBuffer(body.utf8), fields: 0..<0, body: 0..<body.utf8.count)
      source.answered(token, &answer)
    }
  }

  func shutdown() async {}
}

/// A network in which nothing is.
struct NowhereTransport: HTTPTransport {
  var loops: [any TaskExecutor] { [globalConcurrentExecutor] }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    var buffer = HTTPRequestBuffer()
    while let token = source.nextRequest(into: &buffer) {
      source.failed(token, HTTPTransportError(.connect, mayHaveArrived: false, "nothing listens at \(origin)"))
      buffer.reset()
    }
  }

  func shutdown() async {}
}
