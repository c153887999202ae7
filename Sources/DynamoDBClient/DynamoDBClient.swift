package import AWSAuth
internal import DynamoDBModel
package import HTTPTransport
internal import Synchronization
internal import Telemetry

/// Calls DynamoDB: typed requests in, typed answers out, signed, checked and tried again where that is safe.
///
/// One client serves any number of tasks at once and keeps connections between calls. Calls run on their caller's executor.
public final class DynamoDBClient: Sendable {
  /// Region and URL that requests go to.
  public let endpoint: DynamoDBEndpoint
  package let transport: any HTTPTransport
  package let timeouts: HTTPTimeouts
  /// Corrected as refusals demand; shared by all signers, those of the bulk paths too.
  package let serviceClock: ServiceClock
  /// What signatures are dated with.
  package let wallClock: WallClock
  package let clock: any Clock<Duration>
  package let retry: RetryPolicy
  package let credentials: any CredentialProvider
  private let observer: CallObserver?
  private let ownsTransport: Bool
  private let shared: Shared
  /// Who is asked before each attempt of a call whose options don't say; nil: nobody.
  private let gates: Gates?

  /// What all calls share, those of a gated client with those of the one that it is made of.
  private final class Shared: Sendable {
    struct State {
      var generator: SeededGenerator
      var quota = RetryQuota()
      var exchanges: ExchangePool
    }

    private let state: Mutex<State>

    init(_ state: consuming State) { self.state = Mutex(state) }

    func withLock<Result: Sendable>(_ body: (inout State) -> Result) -> Result { state.withLock { body(&$0) } }
  }

  private struct Gates {
    let reads: any AttemptGate
    let writes: any AttemptGate
  }

  /// Makes a client on a transport that others may share; its owner shuts it down.
  ///
  /// - Parameters:
  ///   - wallClock: dates signatures.
  ///   - clock: measures deadlines and waits between tries.
  ///   - seed: of the waits' jitter.
  package init(
    configuration: Configuration, transport: any HTTPTransport, wallClock: WallClock, clock: any Clock<Duration>, seed: UInt64,
    ownsTransport: Bool = false
  ) {
    endpoint = configuration.endpoint
    credentials = configuration.credentials
    retry = configuration.retry
    timeouts = configuration.timeouts
    observer = CallObserver(configuration.telemetry)
    serviceClock = ServiceClock(wallClock)
    self.wallClock = serviceClock.wallClock
    self.transport = transport
    self.clock = clock
    self.ownsTransport = ownsTransport
    shared = Shared(
      Shared.State(generator: SeededGenerator(seed: seed), exchanges: ExchangePool(limit: configuration.maximumConnections)))
    gates = nil
  }

  /// The client `other`, with its connections and all else that it has, but for the gates.
  private init(_ other: DynamoDBClient, _ gates: Gates) {
    endpoint = other.endpoint
    transport = other.transport
    timeouts = other.timeouts
    serviceClock = other.serviceClock
    wallClock = other.wallClock
    clock = other.clock
    retry = other.retry
    credentials = other.credentials
    observer = other.observer
    ownsTransport = false
    shared = other.shared
    self.gates = gates
  }

  /// This client, each attempt of whose calls asks a gate first. It shares connections and all else, and can't be shut down.
  package func gated(reads: any AttemptGate, writes: any AttemptGate) -> DynamoDBClient {
    DynamoDBClient(self, Gates(reads: reads, writes: writes))
  }

  /// Scheme, host and port of the endpoint.
  package var origin: HTTPOrigin { endpoint.origin }

  /// Closes the connections; calls in flight and later ones fail with `closed`.
  ///
  /// - Parameter grace: for how long tries in flight may go on first; none is begun meanwhile. Default: not at all.
  public func shutdown(grace: Duration = .zero) async {
    if ownsTransport { await transport.shutdown(grace: grace) }
  }

  /// Makes a signer of `operation`'s requests with the credentials that hold now.
  package func makeSigner(operation: DynamoDBOperation) async throws(DynamoDBError) -> RequestSigner {
    makeSigner(operation, try await currentCredentials(within: retry.deadline))
  }

  private func makeSigner(_ operation: DynamoDBOperation, _ credentials: AWSCredentials) -> RequestSigner {
    // On loopback compressing costs both sides more than the bytes do.
    RequestSigner(
      credentials: credentials, region: endpoint.region, origin: origin, target: operation.target, acceptsGzip: !origin.isLoopback)
  }

  /// 64 random bits that no other use of this client has.
  func draw() -> UInt64 { shared.withLock { $0.generator.next() } }

  /// A name that nobody else has, as long as no two clients have one seed.
  package func uniqueName() -> String { hexadecimal(draw()) + hexadecimal(draw()) }

  private func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  // MARK: Calls

  /// Sends a request and reads its answer as values.
  func send<Input: OperationInput>(_ input: Input, _ options: CallOptions) async throws(DynamoDBError) -> Input.Output {
    let output = try await exchange(input, options) { (answer: inout HTTPAnswer, tape: inout ItemTape) throws(DynamoDBError) in
      do throws(DynamoDBModelError) {
        return try Input.decode(answer.bodySpan, &tape)
      } catch {
        throw DynamoDBError(unreadable: answer, error)
      }
    }
    if let observer, let report = output as? any CapacityReport { observer.consumed(report, by: Input.operation) }
    return output
  }

  /// Sends a request, again where policy and options let it, and hands its successful answer to `read`.
  func exchange<Body: RequestBody, Output: ~Copyable>(
    _ body: Body, _ options: CallOptions,
    read: (inout HTTPAnswer, inout ItemTape) throws(DynamoDBError) -> Output
  ) async throws(DynamoDBError) -> Output {
    try await exchange(body, options, on: clock, read: read)
  }

  private func exchange<Body: RequestBody, Output: ~Copyable, Time: Clock<Duration>>(
    _ body: Body, _ options: CallOptions, on clock: Time,
    read: (inout HTTPAnswer, inout ItemTape) throws(DynamoDBError) -> Output
  ) async throws(DynamoDBError) -> Output {
    // Waiting for credentials is part of the call, and so of its deadline.
    let began = clock.now
    let exchange = try await checkOut(Body.operation, within: (options.retry ?? retry).deadline)
    exchange.begin(body, options.gate ?? gates.map { Body.operation.isWrite ? $0.writes : $0.reads })
    let call = observer?.begin(Body.operation, table: body.onlyTable, parent: options.parent)
    defer { checkIn(exchange) }
    return try await tries(of: exchange, options, call, on: clock, since: began, read: read)
  }

  private func tries<Output: ~Copyable, Time: Clock<Duration>>(
    of exchange: Exchange, _ options: CallOptions, _ call: ObservedCall?, on clock: Time, since began: Time.Instant,
    read: (inout HTTPAnswer, inout ItemTape) throws(DynamoDBError) -> Output
  ) async throws(DynamoDBError) -> Output {
    let policy = options.retry ?? retry
    var progress = CallProgress(policy: policy, resend: options.resend, isWrite: exchange.operation.isWrite)
    var isFirst = true
    while true {
      let signedAfter = serviceClock.corrections
      let failure: DynamoDBError
      do throws(DynamoDBError) {
        let rest = policy.deadline - began.duration(to: clock.now)
        let output = try await attempt(exchange, within: rest, isFirst: isFirst, call, read)
        if policy.usesQuota { shared.withLock { $0.quota.succeeded(afterRetry: progress.hasDrawn) } }
        call?.succeeded(tries: progress.attempts + 1, took: began.duration(to: clock.now))
        return output
      } catch {
        failure = error
      }
      isFirst = false
      let step: CallProgress.Step
      if let refusal = failure.refusal {
        step = progress.heldBack(refusal, elapsed: began.duration(to: clock.now))
      } else {
        let renewal = await renewal(after: failure, of: exchange, signedAfter, within: policy.deadline - began.duration(to: clock.now))
        let elapsed = began.duration(to: clock.now)
        step = shared.withLock { shared in
          progress.failed(failure, renewal: renewal, elapsed: elapsed, draw: shared.generator.next(), quota: &shared.quota)
        }
      }
      switch step {
      case .fail(let error):
        call?.failed(error, took: began.duration(to: clock.now))
        throw error
      case .retry(let wait):
        if failure.code != .heldBack { call?.retries(after: failure, progress.attempts, in: wait) }
        guard wait > .zero else { continue }
        do {
          try await clock.sleep(for: wait)
        } catch {
          call?.failed(progress.cancelled(), took: began.duration(to: clock.now))
          throw progress.cancelled()
        }
      }
    }
  }

  private func attempt<Output: ~Copyable>(
    _ exchange: Exchange, within rest: Duration, isFirst: Bool, _ call: ObservedCall?,
    _ read: (inout HTTPAnswer, inout ItemTape) throws(DynamoDBError) -> Output
  ) async throws(DynamoDBError) -> Output {
    // The first try signs with what the exchange was checked out for.
    if !isFirst { try await renewCredentials(of: exchange, within: rest) }
    exchange.rewind()
    var limits = timeouts
    limits.total = min(limits.total, rest)
    await transport.perform(exchange, at: origin, timeouts: limits)
    if !exchange.isHeldBack { call?.tried(exchange) }
    return try exchange.finish(read)
  }

  /// Why the same request may pass if it is signed once more; nil if it would be signed as it was.
  private func renewal(
    after failure: DynamoDBError, of exchange: Exchange, _ signedAfter: Int, within rest: Duration
  ) async -> CallProgress.Renewal? {
    if serviceClock.corrects(failure, signedAfter: signedAfter) {
      observer?.corrected(by: serviceClock.milliseconds)
      return .clock
    }
    guard failure.isExpiry else { return nil }
    credentials.refused()
    guard let current = try? await currentCredentials(within: rest), current != exchange.credentials else { return nil }
    return .credentials
  }

  // MARK: Exchanges

  private func checkOut(_ operation: DynamoDBOperation, within limit: Duration) async throws(DynamoDBError) -> Exchange {
    let current = try await currentCredentials(within: limit)
    if let exchange = shared.withLock({ $0.exchanges.take(operation) }) {
      if exchange.credentials != current { exchange.renew(current, makeSigner(operation, current)) }
      return exchange
    }
    return Exchange(operation, current, makeSigner(operation, current), wallClock)
  }

  private func renewCredentials(of exchange: Exchange, within limit: Duration) async throws(DynamoDBError) {
    let current = try await currentCredentials(within: limit)
    if exchange.credentials != current { exchange.renew(current, makeSigner(exchange.operation, current)) }
  }

  private func checkIn(_ exchange: Exchange) {
    exchange.trim()
    shared.withLock { $0.exchanges.put(exchange) }
  }
}
