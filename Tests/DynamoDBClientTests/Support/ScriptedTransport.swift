import HTTPTransport
import Synchronization
import TestSupport

/// A transport that answers from a script and keeps what it was sent.
final class ScriptedTransport: HTTPTransport {
  enum Step: Sendable {
    /// An answer with a right checksum, unless the fields say one.
    case answer(Int, String, fields: [String] = [])
    case failure(HTTPTransportError)
    /// What perform does while its caller was cancelled before anything was pulled.
    case neverPulled
  }

  struct Sent: Sendable {
    let head: String
    let body: String
    let origin: HTTPOrigin
    let total: Duration
  }

  private struct State {
    var script: [Step]
    var sent: [Sent] = []
    var isShutDown = false
  }

  private let state: Mutex<State>
  private let onPull: @Sendable () -> Void

  init(_ script: [Step], onPull: @escaping @Sendable () -> Void = {}) {
    state = Mutex(State(script: script))
    self.onPull = onPull
  }

  var sent: [Sent] { state.withLock { $0.sent } }
  /// The steps that nothing asked for.
  var unused: Int { state.withLock { $0.script.count } }
  var isShutDown: Bool { state.withLock { $0.isShutDown } }
  let loops: [any TaskExecutor] = [InlineExecutor()]

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    while true {
      if case .neverPulled = state.withLock({ $0.script.first }) {
        _ = next()
        return
      }
      var request = HTTPRequestBuffer()
      onPull()
      guard let token = source.nextRequest(into: &request) else { return }
      let step = next()
      keep(request, origin, timeouts)
      switch step {
      case .answer(let status, let body, let fields): Self.answer(source, token, status, body, fields)
      case .failure(let error): source.failed(token, error)
      case .neverPulled, nil: source.failed(token, HTTPTransportError(.closed, mayHaveArrived: false, "The script has ended."))
      }
      if !source.mayHaveMore { return }
    }
  }

  private func next() -> Step? { state.withLock { $0.script.isEmpty ? nil : $0.script.removeFirst() } }

  func shutdown() async { state.withLock { $0.isShutDown = true } }

  private func keep(_ request: borrowing HTTPRequestBuffer, _ origin: HTTPOrigin, _ timeouts: HTTPTimeouts) {
    let message = (0..<request.message.count).map { request.message[$0] }
    let body = (0..<request.body.count).map { request.body[$0] }
    let sent = Sent(
      head: String(decoding: message.dropLast(body.count), as: UTF8.self), body: String(decoding: body, as: UTF8.self), origin: origin,
      total: timeouts.total)
    state.withLock { $0.sent.append(sent) }
  }

  private static func answer(_ source: any HTTPRequestSource, _ token: Int, _ status: Int, _ body: String, _ fields: [String]) {
    var answer = makeAnswer(status, body, fields)
    source.answered(token, &answer)
  }
}

/// An answer as a transport hands it out, with a request id, and with the right checksum unless `fields` holds one.
func makeAnswer(_ status: Int, _ body: String, _ fields: [String] = []) -> HTTPAnswer {
  var all = ["x-amzn-RequestId: REQUEST"] + fields
  if !fields.contains(where: { $0.lowercased().hasPrefix("x-amz-crc32:") }) {
    all.append("x-amz-crc32: \(referenceCRC32(Array(body.utf8)))")
  }
  let line = "HTTP/1.1 \(status) Said\r\n"
  let head = all.map { $0 + "\r\n" }.joined()
  let bytes = ByteBuffer((line + head + "\r\n" + body).utf8)
  let fieldsEnd = line.utf8.count + head.utf8.count
  return HTTPAnswer(
    status: status, bytes: bytes, fields: line.utf8.count..<fieldsEnd, body: fieldsEnd + 2..<fieldsEnd + 2 + body.utf8.count)
}

/// CRC-32 by its definition, a bit at a time, so that zlib's is judged by something else.
func referenceCRC32(_ bytes: [UInt8]) -> UInt32 {
  var crc = UInt32.max
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
  }
  return ~crc
}
