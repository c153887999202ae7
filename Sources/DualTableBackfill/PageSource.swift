internal import AWSAuth
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Lends a segment's page and its books to the transport, which pulls puts from it and brings their answers.
///
/// Sound as `@unchecked Sendable`: it belongs to one segment's worker, which doesn't touch it while `perform` runs, and `perform` calls
/// it from one thread at a time.
final class PageSource: HTTPRequestSource, @unchecked Sendable {
  private var page = ScanPage(bytes: ByteBuffer(), body: 0..<0)
  private var state: PageState

  init(_ state: consuming PageState) { self.state = state }

  /// Takes up a page; `resume` follows before it is lent to a transport.
  func begin(_ page: consuming ScanPage) throws(DynamoDBModelError) {
    self.page = page
    try state.begin(self.page)
  }

  /// Closes the books of a settled page and lets its bytes go: the next page is received before it replaces this one, and a worker
  /// would hold both.
  func finish() -> PassCheckpoint.Outcome {
    let outcome = state.finish(page)
    page = ScanPage(bytes: ByteBuffer(), body: 0..<0)
    return outcome
  }

  /// Ends a pause; the signers have the credentials that hold now.
  func resume(signer: consuming RequestSigner, batchSigner: consuming RequestSigner?) {
    state.resume(signer: signer, batchSigner: batchSigner)
  }

  /// Gives the books to `body`, between two calls of `perform`.
  func withState<Result: ~Copyable, Failure>(
    _ body: (inout PageState, borrowing ScanPage) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(&state, page)
  }

  var mayHaveMore: Bool { !state.isIdle }

  func nextRequest(into request: inout HTTPRequestBuffer) -> Int? { state.nextRequest(page, into: &request) }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) { state.answered(token, answer, page) }

  func failed(_ token: Int, _ error: HTTPTransportError) { state.failed(token, DynamoDBError(transport: error), page) }
}
