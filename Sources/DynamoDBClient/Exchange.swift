internal import AWSAuth
internal import DynamoDBModel
internal import HTTPTransport

/// One request and its answer as bytes, with what signs the one and reads the other: a source of a single request, used call after call.
///
/// The caller's task writes the body and reads the answer; the loop that drives the connection only signs and copies, so that no call keeps
/// it from its other connections. Buffers, signer and tape outlive the call: in steady state an exchange allocates nothing.
///
/// Sound as `@unchecked Sendable`: it belongs to one call, which doesn't touch it while `perform` runs, and `perform` calls it from one
/// thread at a time.
final class Exchange: HTTPRequestSource, @unchecked Sendable {
  /// Buffers that have grown past this are given back after use.
  private static let mostKept = 65_536

  private enum State {
    case ready
    case heldBack(AttemptRefusal)
    case sent
    case answered(status: Int, fields: Range<Int>, body: Range<Int>)
    case failed(HTTPTransportError)
  }

  let operation: DynamoDBOperation
  private(set) var credentials: AWSCredentials
  private var signer: RequestSigner
  private let wallClock: WallClock
  private var state = State.ready
  private var body = ByteBuffer(capacity: 1_024)
  /// The last answer; given to the connection in exchange for the bytes of the next one, so that neither has to make new ones.
  private var bytes = ByteBuffer(capacity: 4_096)
  private var tape = ItemTape()
  private var gate: (any AttemptGate)?
  /// The number under which the gate knows the attempt under way.
  private var attempt: Int?
  /// Bytes of the request, head included, once it is sent.
  private(set) var bytesSent = 0
  /// Bytes of the answer, head included.
  private(set) var bytesReceived = 0

  init(_ operation: DynamoDBOperation, _ credentials: AWSCredentials, _ signer: consuming RequestSigner, _ wallClock: WallClock) {
    self.operation = operation
    self.credentials = credentials
    self.signer = signer
    self.wallClock = wallClock
  }

  // MARK: The caller's side

  /// Writes a call's body, which all its tries send.
  func begin(_ request: some RequestBody, _ gate: (any AttemptGate)?) {
    self.gate = gate
    body.removeAll()
    request.encode(into: &body)
  }

  /// Signs with other credentials from now on.
  func renew(_ credentials: AWSCredentials, _ signer: consuming RequestSigner) {
    self.credentials = credentials
    self.signer = signer
  }

  /// Makes ready for a try.
  func rewind() {
    state = .ready
    attempt = nil
    (bytesSent, bytesReceived) = (0, 0)
  }

  /// What came of a try, once `perform` has returned.
  func finish<Output: ~Copyable>(
    _ read: (inout HTTPAnswer, inout ItemTape) throws(DynamoDBError) -> Output
  ) throws(DynamoDBError) -> Output {
    guard let gate, let attempt else { return try result(read) }
    do throws(DynamoDBError) {
      let output = try result(read)
      gate.ended(attempt, .landed)
      return output
    } catch {
      gate.ended(attempt, error.end)
      throw error
    }
  }

  /// One that was cancelled may never have been asked for its request.
  private func result<Output: ~Copyable>(
    _ read: (inout HTTPAnswer, inout ItemTape) throws(DynamoDBError) -> Output
  ) throws(DynamoDBError) -> Output {
    switch state {
    case .ready: throw .cancelled
    case .heldBack(let refusal): throw DynamoDBError(refusal)
    case .sent: throw .cutShort
    case .failed(let error): throw DynamoDBError(transport: error)
    case .answered(let status, let fields, let body):
      var lent = ByteBuffer()
      swap(&lent, &bytes)
      var answer = HTTPAnswer(status: status, bytes: lent, fields: fields, body: body)
      defer { bytes = answer.takeBytes() }
      if let plain = try answer.decompressed() { answer = plain }
      try answer.requireSuccess()
      return try read(&answer, &tape)
    }
  }

  /// Gives back what one large call has made grow.
  func trim() {
    state = .ready
    gate = nil
    if body.capacity > Self.mostKept { body = ByteBuffer() }
    if bytes.capacity > Self.mostKept { bytes = ByteBuffer() }
  }

  /// True if the gate kept the try from being sent.
  var isHeldBack: Bool { if case .heldBack = state { true } else { false } }

  // MARK: The transport's side

  var mayHaveMore: Bool { if case .ready = state { true } else { false } }

  func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
    guard mayHaveMore else { return nil }
    let now = wallClock.now()
    switch gate?.attempt() {
    case nil: break
    case .granted(let number): attempt = number
    case .refused(let refusal):
      state = .heldBack(refusal)
      return nil
    }
    state = .sent
    request.writeBody { body.copy(to: &$0) }
    signer.finish(&request, at: now)
    bytesSent = request.message.count
    return 0
  }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    bytesReceived = answer.bytes.count
    state = .answered(status: answer.status, fields: answer.fields, body: answer.body)
    swap(&bytes, &answer.bytes)
  }

  func failed(_ token: Int, _ error: HTTPTransportError) { state = .failed(error) }
}

extension ByteBuffer {
  /// A method, because a span of a class's property doesn't live long enough to be passed on.
  fileprivate func copy(to other: inout ByteBuffer) { other.append(span) }
}
