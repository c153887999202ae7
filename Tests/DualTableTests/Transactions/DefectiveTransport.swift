import DynamoDBModel
import HTTPTransport
import Synchronization

/// A transport before another one that changes requests and answers as an implementation with a defect would have sent and read them.
///
/// So the code under test has no switch for it, and costs nothing for being tested so.
final class DefectiveTransport: HTTPTransport {
  private let inner: any HTTPTransport
  private let defect: TransactionDefect
  private let count = Atomic(0)

  init(_ inner: any HTTPTransport, _ defect: TransactionDefect) {
    self.inner = inner
    self.defect = defect
  }

  var loops: [any TaskExecutor] { inner.loops }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    let number = count.add(1, ordering: .relaxed).newValue
    await inner.perform(DefectiveSource(source, defect, number), at: origin, timeouts: timeouts)
  }

  func shutdown() async { await inner.shutdown() }
}

/// One request on its way, perhaps as several.
///
/// Sound as `@unchecked Sendable`: a transport calls a source from one thread at a time.
private final class DefectiveSource: HTTPRequestSource, @unchecked Sendable {
  private let inner: any HTTPRequestSource
  private let defect: TransactionDefect
  private let number: Int
  private var token = 0
  private var operation = ""
  private var head: [UInt8] = []
  /// The bodies that are still to be sent in place of one.
  private var parts: [JSONValue] = []
  private var answers: [JSONValue] = []
  private var sent: JSONValue = .null

  init(_ inner: any HTTPRequestSource, _ defect: TransactionDefect, _ number: Int) {
    self.inner = inner
    self.defect = defect
    self.number = number
  }

  var mayHaveMore: Bool { !parts.isEmpty || inner.mayHaveMore }

  func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
    if parts.isEmpty {
      guard let next = inner.nextRequest(into: &request) else { return nil }
      token = next
      head = [UInt8](copying: request.message).dropLast(request.body.count)
      let target = String(decoding: head, as: UTF8.self).split(separator: "\r\n").first { $0.lowercased().hasPrefix("x-amz-target:") }
      operation = target?.split(separator: ".").last.map(String.init) ?? ""
      guard let body = try? JSONValue(parsing: request.body) else { return token }
      parts = defect.parts(of: body, operation).map { defect.change($0, operation, number) }
    }
    sent = parts.removeFirst()
    request.reset()
    request.writeBody { sent.encode(into: &$0) }
    request.prepend(head: head.span)
    return token
  }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    let body = (try? JSONValue(parsing: answer.bodySpan)) ?? .null
    let (status, changed) = defect.change(answer.status, body, operation, to: sent)
    answers.append(changed)
    if status == 200, !parts.isEmpty { return }
    let isWhole = answers.count == 1 && parts.isEmpty && changed == body && status == answer.status
    parts = []
    guard !isWhole else { return inner.answered(token, &answer) }
    var bytes = ByteBuffer()
    TransactionDefect.joined(answers).encode(into: &bytes)
    var made = WireReply(status: status, body: String(copying: bytes.span)).answer
    inner.answered(token, &made)
  }

  func failed(_ token: Int, _ error: HTTPTransportError) {
    parts = []
    inner.failed(
      token, defect == .lostTakenForUnsent ? HTTPTransportError(.connect, mayHaveArrived: false, "Nothing listens there.") : error)
  }
}
