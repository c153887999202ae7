internal import AWSAuth
internal import HTTPTransport

/// One try of one call: a source of a single request, written and signed when a connection asks for it.
///
/// Sound as `@unchecked Sendable`: while `perform` runs the transport alone calls it, one call at a time, and afterwards the caller.
final class OperationCall<Body: RequestBody, Output: ~Copyable>: HTTPRequestSource, @unchecked Sendable {
  /// Answers larger than this are read by the caller's task, so that a large one doesn't keep a loop from its other connections.
  private let readInPlaceLimit = 32_768

  private let body: Body
  private var signer: RequestSigner
  private let wallClock: WallClock
  private let read: (inout HTTPAnswer) throws(DynamoDBError) -> Output
  private var isSent = false
  private var kept: HTTPAnswer?
  private var outcome: Result<Output, DynamoDBError>?

  init(
    _ body: Body, _ signer: consuming RequestSigner, _ wallClock: WallClock,
    _ read: @escaping (inout HTTPAnswer) throws(DynamoDBError) -> Output
  ) {
    self.body = body
    self.signer = signer
    self.wallClock = wallClock
    self.read = read
  }

  func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
    if isSent { return nil }
    isSent = true
    request.writeBody { body.encode(into: &$0) }
    signer.finish(&request, at: wallClock.now())
    return 0
  }

  var mayHaveMore: Bool { !isSent }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    if answer.body.count > readInPlaceLimit || answer.isCompressed {
      let (status, fields, body) = (answer.status, answer.fields, answer.body)
      kept = HTTPAnswer(status: status, bytes: answer.takeBytes(), fields: fields, body: body)
    } else {
      interpret(&answer)
    }
  }

  func failed(_ token: Int, _ error: HTTPTransportError) {
    outcome = .failure(DynamoDBError(transport: error))
  }

  /// What came of it, once `perform` has returned. A cancelled call may never have been asked for its request.
  func finish() -> Result<Output, DynamoDBError> {
    if var answer = kept.take() { interpret(&answer) }
    return outcome.take() ?? .failure(.cancelled)
  }

  private func interpret(_ answer: inout HTTPAnswer) {
    do {
      if let plain = try answer.decompressed() { answer = plain }
      try answer.requireSuccess()
      outcome = .success(try read(&answer))
    } catch {
      outcome = .failure(error)
    }
  }
}
