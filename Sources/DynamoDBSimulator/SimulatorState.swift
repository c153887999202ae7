internal import AWSAuth
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// A simulator's service together with what goes wrong on the way to it: times and requests in, answers out.
struct SimulatorState: ~Copyable, Sendable {
  var service: SimulatedService
  private var workspace = Workspace()
  var faults: FaultPlan { didSet { service.settings.transactionTime = faults.transactionMilliseconds } }
  var script: DynamoDBSimulator.Script?
  var verifiesSignatures = false
  var isShutDown = false
  private(set) var requests: [String: Int] = [:]
  private var strays = StrayQueue()
  private var generator: SeededGenerator
  private var history: SHA256?
  private var answerCount: UInt64 = 0
  /// The last second that was written out.
  private var second: (number: Int64, text: String) = (.min, "")

  init(service: SimulatedService, faults: FaultPlan, recordsHistory: Bool) {
    self.service = service
    self.faults = faults
    self.service.settings.transactionTime = faults.transactionMilliseconds
    generator = SeededGenerator(seed: faults.seed)
    if recordsHistory { history = SHA256() }
  }

  /// The digest of all requests and answers so far, in hex; nil where none is kept.
  var historyDigest: String? {
    guard var history else { return nil }
    return HexDigits(history.finish()).string
  }

  /// True where heads are read whole.
  var readsFields: Bool { verifiesSignatures || !service.access.isOpen }

  /// A number of 0..<bound from the plan's seed.
  mutating func draw(below bound: Int) -> Int { bound == 1 ? 0 : generator.below(bound) }

  /// Draws what happens to a request that is sent now; what it does to the service later, of its own, is arranged here.
  mutating func send(_ request: borrowing HTTPRequestBuffer, at moment: Moment) -> Fate {
    if faults.isCalm { return Fate() }
    return send(RequestHead(request.message, readsFields: readsFields), request.body, at: moment)
  }

  mutating func send(_ head: RequestHead, _ body: Span<UInt8>, at moment: Moment) -> Fate {
    if faults.isCalm { return Fate() }
    // Which table it is for matters only where tables fare differently.
    let mattersWhere = !faults.slowTables.isEmpty || !faults.outages.isEmpty
    let table = mattersWhere ? (try? JSONValue(parsing: body))?["TableName"]?.string ?? "" : ""
    var fate = faults.fate(of: table, at: moment.elapsed, &generator)
    if head.target.hasSuffix(".TransactWriteItems") { fate.answer += faults.transactionTime.inNanoseconds }
    if let again = fate.again { strays.add(head, body, at: moment.elapsed + again) }
    return fate
  }

  /// Lets a request arrive at its time although its sender no longer waits for the answer.
  mutating func abandon(_ request: borrowing HTTPRequestBuffer, arrivingAt due: Int64) {
    strays.add(RequestHead(request.message, readsFields: readsFields), request.body, at: due)
  }

  /// Carries out what is due by now of requests whose connections are long gone.
  mutating func settle(at moment: Moment) {
    while let stray = strays.next(until: moment.elapsed) {
      let then = Moment(elapsed: stray.due, wall: moment.wall - (moment.elapsed - stray.due) / 1_000_000)
      _ = carryOut(stray.head, ByteBuffer(stray.body), Fate(), at: then)
    }
  }

  /// Carries out a request that arrives now.
  mutating func arrive(_ request: borrowing HTTPRequestBuffer, _ fate: Fate, at moment: Moment) -> SimulatedAnswer {
    var body = ByteBuffer(capacity: request.body.count)
    body.append(request.body)
    return arrive(RequestHead(request.message, readsFields: readsFields), body, fate, at: moment)
  }

  mutating func arrive(
    _ head: RequestHead, _ body: consuming ByteBuffer, _ fate: Fate, at moment: Moment
  ) -> SimulatedAnswer {
    guard !isShutDown else { return SimulatedAnswer(ending: .closed) }
    settle(at: moment)
    var answer = fate.isCutOff ? SimulatedAnswer(ending: .broken) : carryOut(head, body, fate, at: moment)
    answer.suffer(fate)
    return answer
  }

  private mutating func carryOut(
    _ head: RequestHead, _ body: consuming ByteBuffer, _ fate: Fate, at moment: Moment
  ) -> SimulatedAnswer {
    let now = moment.wall + faults.clockSkew.inNanoseconds / 1_000_000
    answerCount += 1
    record(head, body.span, at: moment)
    var answer: SimulatedAnswer
    do throws(ServiceError) {
      let result = try result(head, body, fate, at: now)
      if fate.fault == .failedAfter { throw .internalError }
      answer = SimulatedAnswer(status: 200, body: result, dateText: dateText(now), number: answerCount)
    } catch {
      answer = SimulatedAnswer(status: error.status, body: error.body(), dateText: dateText(now), number: answerCount)
    }
    record(answer)
    return answer
  }

  private mutating func dateText(_ now: Int64) -> String {
    if second.number != now / 1_000 { second = (now / 1_000, HTTPDate(seconds: now / 1_000).text) }
    return second.text
  }

  private mutating func result(
    _ head: RequestHead, _ body: consuming ByteBuffer, _ fate: Fate, at now: Int64
  ) throws(ServiceError) -> ByteBuffer {
    switch fate.fault {
    case .failedBefore: throw .internalError
    case .unavailable: throw .service("ServiceUnavailableException", "Service is unavailable. Please retry.", status: 503)
    case .expired: throw SignatureVerifier.expired
    default: break
    }
    let caller =
      verifiesSignatures
      ? try SignatureVerifier.verify(head, body.span, service.access, at: now)
      : Caller(accessKeyID: service.access.isOpen ? "" : SignatureVerifier.claimedKey(head))
    let request = try ServiceRequest(target: head.target, body: body, at: now, from: caller)
    let (table, index) = try count(request)
    if let script {
      let bytes = request.bytes
      let body = bytes.indices.map { bytes[$0] }
      let arrival = DynamoDBSimulator.Arrival(operation: request.operation, table: table, index: index, body: body)
      if let refusal = script(arrival, &service) { throw refusal }
    }
    if fate.fault == .tableGone { throw .tableMissing }
    if fate.fault == .throttled { throw .throttled }
    if let refusal = try RequestedAccess.refusal(of: request, service.access) { throw refusal }
    return try service.answer(request, &workspace)
  }

  private mutating func count(_ request: borrowing ServiceRequest) throws(ServiceError) -> (table: String, index: Int) {
    let table = try request.string("TableName") ?? ""
    let name = "\(request.operation) \(table)"
    let index = requests[name] ?? 0
    requests[name] = index + 1
    requests[request.operation, default: 0] += 1
    return (table, index)
  }

  // MARK: History

  private mutating func record(_ head: RequestHead, _ body: Span<UInt8>, at moment: Moment) {
    guard history != nil else { return }
    history?.update("\(moment.elapsed) \(head.target) \(body.count) ")
    history?.update(body)
  }

  private mutating func record(_ answer: borrowing SimulatedAnswer) {
    guard history != nil else { return }
    history?.update(" \(answer.status) \(answer.body.count) ")
    history?.update(answer.body.span)
  }
}

/// A point in time, by the simulator's own clock and by the calendar.
struct Moment: Sendable {
  /// Nanoseconds since the simulator's start.
  let elapsed: Int64
  /// Milliseconds since 1970 UTC.
  let wall: Int64
}

extension ServiceError {
  fileprivate static var internalError: ServiceError { .service("InternalServerError", "Internal server error", status: 500) }

  /// The answer's body.
  func body() -> ByteBuffer {
    var body = AnswerBody()
    body.add("__type", .string(type))
    if !message.isEmpty { body.add(messageName, .string(message)) }
    body.add("Item", item)
    for member in details { body.add(member) }
    return body.finish()
  }
}
