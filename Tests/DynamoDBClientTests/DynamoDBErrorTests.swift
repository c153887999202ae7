import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import Testing

@Suite struct DynamoDBErrorTests {
  static let conditional = DynamoDBError.Code.conditionalCheckFailed

  @Test(arguments: [
    (#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"m"}"#, "ConditionalCheckFailedException"),
    (#"{"__type":"com.amazon.coral.service#SerializationException","Message":"m"}"#, "SerializationException"),
    (#"{"__type":"com.amazon.coral.validate#ValidationException","message":"m"}"#, "ValidationException"),
    (#"{"__type":"ThrottlingException","message":"m"}"#, "ThrottlingException"),
    (#" { "message" : "m" , "__type" : "a#b#LimitExceededException" } "#, "LimitExceededException"),
    (#"{"__type":"com.amazonaws.dynamodb.v20120810#NeverHeardOf","message":"m"}"#, "NeverHeardOf"),
    (#"{"__type":"x#ValidationException:http://internal.amazon.com/","message":"m"}"#, "ValidationException"),
  ]) func shapes(_ body: String, _ code: String) {
    let error = DynamoDBError(answer: makeAnswer(400, body))
    #expect(error.code == DynamoDBError.Code(code) && error.message == "m" && error.httpStatus == 400)
    #expect(error.requestID == "REQUEST" && !error.mayHaveArrived && error.item == nil)
  }

  @Test func codeFromField() {
    let error = DynamoDBError(answer: makeAnswer(400, "", ["x-amzn-ErrorType: AccessDeniedException:http://docs/"]))
    #expect(error.code == .accessDenied)
  }

  @Test(arguments: [
    (413, "<html>", DynamoDBError.Code.requestTooLarge, false, false), (500, "{}", .internalServerError, true, true),
    (502, "<html>", .serviceUnavailable, true, true), (503, "", .serviceUnavailable, true, true),
    (504, "{", .serviceUnavailable, true, true), (404, "not here", .unexpectedAnswer, false, false),
    (408, "", .unexpectedAnswer, false, true), (301, "", .unexpectedAnswer, false, true), (400, "[]", .unexpectedAnswer, false, false),
    (400, #"{"__type":7}"#, .unexpectedAnswer, false, false), (400, #"{"__type":""}"#, .unexpectedAnswer, false, false),
  ]) func withoutCode(_ status: Int, _ body: String, _ code: DynamoDBError.Code, _ isRetryable: Bool, _ mayHaveArrived: Bool) {
    let error = DynamoDBError(answer: makeAnswer(status, body))
    #expect(error.code == code && error.isRetryable == isRetryable && error.mayHaveArrived == mayHaveArrived)
    #expect(error.message == "The endpoint answers with HTTP status \(status).")
  }

  @Test func serverErrorsLeaveWritesOpen() {
    let error = DynamoDBError(answer: makeAnswer(500, #"{"__type":"x#InternalServerError","message":"m"}"#))
    #expect(error.code == .internalServerError && error.isRetryable && error.mayHaveArrived && !error.isThrottling)
  }

  @Test func itemOfRefusal() throws {
    let item: Item = ["id": .string("a"), "n": .number(try DynamoDBNumber("1.5"))]
    let body = #"{"Item":{"id":{"S":"a"},"n":{"N":"1.50"}},"__type":"x#ConditionalCheckFailedException","Message":"m"}"#
    let error = DynamoDBError(answer: makeAnswer(400, body))
    #expect(error.code == Self.conditional && error.item == item)
  }

  @Test func refusalWithUnreadableItem() {
    let body = #"{"Item":{"id":{"S":7}},"__type":"x#ConditionalCheckFailedException","message":"m"}"#
    let error = DynamoDBError(answer: makeAnswer(400, body))
    #expect(error.code == Self.conditional && error.item == nil && error.message == "m")
  }

  /// The code stands behind the reasons, and one of them is odd: nothing else is lost.
  @Test func cancellationReasons() {
    let body = #"""
      {"CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"m","Item":{"id":{"S":"a"}}},
      {"Code":"ValidationError","message":"value SECRET","Item":{"id":{"S":7}}}],"__type":"x#TransactionCanceledException","Message":"SECRET"}
      """#
    let error = DynamoDBError(answer: makeAnswer(400, body))
    #expect(error.code == .transactionCanceled && !error.isRetryable && !error.mayHaveArrived)
    #expect(
      error.cancellationReasons == [
        nil, ActionError(code: "ConditionalCheckFailed", message: "m", item: ["id": .string("a")]),
        ActionError(code: "ValidationError", message: "value SECRET"),
      ])
    #expect(error.description.contains("[None, ConditionalCheckFailed, ValidationError]") && !error.description.contains("SECRET"))
  }

  @Test(arguments: ["7", "null", "{}", "[7]"]) func oddCancellationReasons(_ reasons: String) {
    let error = DynamoDBError(
      answer: makeAnswer(400, #"{"CancellationReasons":\#(reasons),"__type":"x#TransactionCanceledException"}"#))
    #expect(error.code == .transactionCanceled && error.cancellationReasons.isEmpty)
  }

  @Test(arguments: [
    #""throttlingReasons":[{"reason":"TableWriteKeyRangeThroughputExceeded","resource":"arn:t"},{"reason":"IndexWriteX","resource":"r"}]"#,
    #""ThrottlingReasons":[{"Reason":"TableWriteKeyRangeThroughputExceeded","Resource":"arn:t"},{"Reason":"IndexWriteX","Resource":"r"}]"#,
  ]) func throttlingReasons(_ member: String) {
    let error = DynamoDBError(answer: makeAnswer(400, #"{"__type":"x#ThrottlingException",\#(member)}"#, ["x-amz-retry-after: 1500"]))
    #expect(
      error.throttlingReasons == [
        ThrottlingReason(reason: "TableWriteKeyRangeThroughputExceeded", resource: "arn:t"),
        ThrottlingReason(reason: "IndexWriteX", resource: "r"),
      ])
    #expect(error.throttlingReasons.map(\.isKeyRange) == [true, false] && error.throttlingReasons.map(\.isIndex) == [false, true])
    #expect(error.retryAfter == .milliseconds(1_500))
  }

  @Test(arguments: ["", "soon", "-1", "1.5", "99999999999999999999"]) func oddRetryAfter(_ text: String) {
    #expect(DynamoDBError(answer: makeAnswer(503, "", ["x-amz-retry-after: \(text)"])).retryAfter == nil)
  }

  @Test(arguments: [
    (HTTPTransportError.Phase.resolve, DynamoDBError.Code.cannotResolve, true), (.connect, .cannotConnect, true),
    (.tls, .tlsFailed, true), (.send, .connectionLost, true), (.receive, .connectionLost, true), (.timeout, .timeout, true),
    (.cancelled, .cancelled, false), (.closed, .closed, false), (.overloaded, .overloaded, true),
  ]) func transportErrors(_ phase: HTTPTransportError.Phase, _ code: DynamoDBError.Code, _ isRetryable: Bool) {
    for mayHaveArrived in [false, true] {
      let error = DynamoDBError(transport: HTTPTransportError(phase, mayHaveArrived: mayHaveArrived, "Why, and what to do."))
      #expect(error.code == code && error.isRetryable == isRetryable && error.mayHaveArrived == mayHaveArrived)
      #expect(error.description == "\(code): Why, and what to do" && error.httpStatus == nil && error.cause is HTTPTransportError)
    }
  }

  /// The service quotes values in these; `description` must not.
  @Test(arguments: [
    "ValidationException", "SerializationException", "ConditionalCheckFailedException", "InvalidSignatureException",
    "UnrecognizedClientException", "MissingAuthenticationTokenException", "ExpiredTokenException", "NeverHeardOf",
  ]) func descriptionHoldsNoData(_ code: String) {
    let body = #"{"__type":"x#\#(code)","message":"value SECRET is wrong","Item":{"id":{"S":"SECRET"}}}"#
    let error = DynamoDBError(answer: makeAnswer(400, body))
    #expect(error.message.contains("SECRET"))
    #expect(!error.description.contains("SECRET"))
    #expect(error.description.hasPrefix(code) && error.description.contains("HTTP 400") && error.description.contains("REQUEST"))
  }

  /// A description goes to terminals and logs: it must neither command the one nor forge lines of the other, nor fill a disk.
  @Test(arguments: [
    #"{"__type":"x#AccessDeniedException","message":"TEXT"}"#, #"{"__type":"x#TEXT","message":"m"}"#,
    #"{"__type":"x#TransactionCanceledException","CancellationReasons":[{"Code":"TEXT"}]}"#,
  ]) func descriptionIsOneShortLine(_ body: String) {
    let text = #"\u001b[2J\u009b2J\u0000\r\nError: \u2028\u202e"# + String(repeating: "long ", count: 100_000)
    let error = DynamoDBError(answer: makeAnswer(400, body.replacing("TEXT", with: text), ["x-amzn-requestid: \(text.suffix(60_000))"]))
    #expect(error.description.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) } && error.description.count < 1_500)
  }

  @Test func descriptionSaysWhatIsSafe() {
    let body = #"{"__type":"x#ResourceNotFoundException","message":"Requested resource not found: Table: users not found"}"#
    #expect(
      DynamoDBError(answer: makeAnswer(400, body)).description
        == "ResourceNotFoundException: Requested resource not found: Table: users not found; check the table's name, the region and the "
        + "endpoint (HTTP 400, request REQUEST)")
  }
}
