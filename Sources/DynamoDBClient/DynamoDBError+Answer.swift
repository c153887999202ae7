internal import DynamoDBModel
package import HTTPTransport

extension HTTPAnswer {
  /// Returns if the answer arrived whole and says success.
  ///
  /// - Throws: the error that it is otherwise.
  package borrowing func requireSuccess() throws(DynamoDBError) {
    try requireIntact()
    guard (200...299).contains(status) else { throw DynamoDBError(answer: self) }
  }

  /// Returns if the answer's bytes are those that its checksum was made of.
  borrowing func requireIntact() throws(DynamoDBError) {
    guard isIntact else {
      throw DynamoDBError(
        .checksumMismatch, "The answer's bytes don't match the checksum that came with them.", requestID: text("x-amzn-requestid"),
        httpStatus: status, mayHaveArrived: true)
    }
  }
}

extension DynamoDBError {
  /// Classifies an answer that says anything but success.
  ///
  /// The code is what follows the last `#` of the body's `__type`, whatever the prefix; else the `x-amzn-errortype` field's; else it is
  /// made up of the status, for what proxies and load balancers say in the service's place.
  package init(answer: borrowing HTTPAnswer) {
    let refusal = Refusal(answer)
    let status = answer.status
    // A 5xx doesn't exclude that the write happened; neither does a redirect, nor a proxy that was tired of waiting.
    let excludesWrite = (400...499).contains(status) && status != 408 && status != 499
    self.init(
      refusal.code ?? .made(of: status), refusal.message ?? "The endpoint answers with HTTP status \(status).",
      requestID: answer.text("x-amzn-requestid"), httpStatus: status, item: refusal.item, throttlingReasons: refusal.throttlingReasons,
      cancellationReasons: refusal.cancellationReasons,
      retryAfter: answer.field("x-amz-retry-after").flatMap { decimal(answer.bytes.span, $0) }.map { .milliseconds($0) },
      serviceTime: answer.field("date").flatMap { milliseconds(ofHTTPDate: answer.bytes.span.extracting($0)) },
      mayHaveArrived: !excludesWrite)
  }

  /// The error of a successful answer whose body is not what the operation answers.
  init(unreadable answer: borrowing HTTPAnswer, _ error: DynamoDBModelError) {
    self.init(
      .unexpectedAnswer, "The answer can't be read: \(error).", requestID: answer.text("x-amzn-requestid"), httpStatus: answer.status,
      mayHaveArrived: true, cause: error)
  }
}

extension DynamoDBError.Code {
  /// The code of an answer that names none.
  fileprivate static func made(of status: Int) -> Self {
    switch status {
    case 413: .requestTooLarge
    case 500: .internalServerError
    case 502, 503, 504: .serviceUnavailable
    default: .unexpectedAnswer
    }
  }
}

/// What an error answer's body and fields say; all of it may be missing.
private struct Refusal {
  var code: DynamoDBError.Code?
  var message: String?
  var item: Item?
  var throttlingReasons: [ThrottlingReason] = []
  var cancellationReasons: [ActionError?] = []

  init(_ answer: borrowing HTTPAnswer) {
    // What can't be read leaves the rest as it is: a refusal is a refusal, however it is spelled.
    try? read(answer.bodySpan)
    if code == nil, let type = answer.text("x-amzn-errortype") { code = Self.code(of: type) }
  }

  private mutating func read(_ body: Span<UInt8>) throws(DynamoDBModelError) {
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "__type") {
        code = try members.json(body).string.flatMap(Self.code(of:))
      } else if body.equals(name, "message") || body.equals(name, "Message") {
        message = try members.json(body).string
      } else if body.equals(name, "Item") {
        let value = try members.skip(body)
        item = try? AttributeMap(wire: body.extracting(value))
      } else if body.equals(name, "CancellationReasons") {
        var reasons = members
        try members.skip(body)
        try? reasons.array(body) { elements throws(DynamoDBModelError) in
          let error = try ActionError(&elements, body)
          cancellationReasons.append(error.code == "None" ? nil : error)
        }
      } else if body.equals(name, "throttlingReasons") || body.equals(name, "ThrottlingReasons") {
        throttlingReasons = (try members.json(body).array ?? []).map {
          ThrottlingReason(
            reason: ($0["reason"] ?? $0["Reason"])?.string ?? "", resource: ($0["resource"] ?? $0["Resource"])?.string ?? "")
        }
      } else {
        try members.skip(body)
      }
    }
  }

  /// The code in `prefix#Code`, or in the `Code:http://…` of a header field.
  private static func code(of type: String) -> DynamoDBError.Code? {
    let name = String(type.split(separator: "#").last?.split(separator: ":").first ?? "")
    return name.isErrorCode ? DynamoDBError.Code(name) : nil
  }
}
