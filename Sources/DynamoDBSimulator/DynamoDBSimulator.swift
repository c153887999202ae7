package import AWSAuth
public import DynamoDBClient
public import DynamoDBModel
public import HTTPTransport
internal import Synchronization

/// A DynamoDB inside this process, for tests: real requests in, real answers out, with the service's limits and with faults by seed.
///
/// It has no account, no network and no files. Every request takes effect at one moment, as the service's do; which of those under way
/// is next is drawn from the seed. With a `SimulatedTime`, all waiting passes in no time and one seed replays one run.
public final class DynamoDBSimulator: HTTPTransport {
  let time: TimeSource
  let state: Mutex<SimulatorState>
  /// How many clients were given each seed.
  private let clients = Mutex<[UInt64: UInt64]>([:])

  /// A request that has come and isn't carried out yet.
  package struct Arrival: Sendable {
    /// As in `PutItem`.
    package let operation: String
    /// Empty where the request names no single table.
    package let table: String
    /// How many of this operation on this table came before.
    package let index: Int
    /// The request's JSON.
    package let body: [UInt8]
  }

  /// Decides what becomes of a request before it is carried out: it may change the tables first, or refuse in the service's place.
  package typealias Script = @Sendable (Arrival, inout SimulatedService) -> ServiceError?

  /// Makes a service without tables.
  ///
  /// - Parameters:
  ///   - faults: what goes wrong. Default nothing.
  ///   - time: the time it lives in, whose `run` its clients must be inside of. Default nil: the machine's.
  ///   - hasLimits: tables and partitions give no more than their capacity; what is beyond is throttled. Default no limits.
  ///   - lag: how far back eventually consistent reads may look. Default not at all.
  public convenience init(
    faults: FaultPlan = FaultPlan(seed: 0), time: SimulatedTime? = nil, hasLimits: Bool = false, lag: Duration = .zero
  ) {
    self.init(faults: faults, time: time, hasLimits: hasLimits, lag: lag, itemsInPage: .max)
  }

  /// - Parameters:
  ///   - itemsInPage: at most so many items in a page of a scan; .max: as many as a megabyte holds.
  ///   - wallClock: says when requests are carried out where there is no `time`. Default the machine's.
  ///   - recordsHistory: keeps a digest of all requests and answers.
  package init(
    faults: FaultPlan = FaultPlan(seed: 0), time: SimulatedTime? = nil, hasLimits: Bool = false, lag: Duration = .zero, itemsInPage: Int,
    wallClock: WallClock = .system, recordsHistory: Bool = false
  ) {
    self.time = time.map { TimeSource($0, $0.wallClock, executor: $0) } ?? TimeSource(ContinuousClock(), wallClock)
    var settings = SimulatedService.Settings()
    settings.itemsInPage = itemsInPage
    settings.seed = faults.seed
    settings.longestLag = lag.inNanoseconds / 1_000_000
    var service = SimulatedService(settings)
    if hasLimits { service.capacity = CapacityModel() }
    state = Mutex(SimulatorState(service: service, faults: faults, recordsHistory: recordsHistory))
  }

  /// A client of this service.
  ///
  /// - Parameters:
  ///   - time: the simulator's, if it has one.
  ///   - retry: when failed calls are tried again. Default `RetryPolicy.requestPath`.
  ///   - seed: of the jitter between tries, and of transactions' tokens. Default 0. The next client of a seed draws differently: two
  ///     transactions of one token would be one.
  public func client(on time: SimulatedTime? = nil, retry: RetryPolicy = .requestPath, seed: UInt64 = 0) -> DynamoDBClient {
    let earlier = clients.withLock { clients in
      clients[seed, default: 0] += 1
      return clients[seed, default: 1] - 1
    }
    var other = SeededGenerator(seed: seed ^ earlier << 32)
    return DynamoDBClient(
      configuration: .init(endpoint: Self.endpoint, credentials: Self.credentials, retry: retry), transport: self,
      wallClock: self.time.wallClock, clock: time ?? ContinuousClock(), seed: earlier == 0 ? seed : other.next())
  }

  /// Changes what goes wrong from here on; the seed stays that of the beginning.
  public func setFaults(_ faults: FaultPlan) { state.withLock { $0.faults = faults } }

  /// Lets an access key in. From the first one on, unknown keys and wrong signatures are refused, and policies say who may do what.
  public func add(_ key: AccessKey) { admit([key], verifiesSignatures: true) }

  /// Lets access keys in, and says whether signatures are judged. Policies are in any case.
  package func admit(_ keys: [AccessKey], verifiesSignatures: Bool) {
    state.withLock { state in
      for key in keys { state.service.access.add(key) }
      state.verifiesSignatures = verifiesSignatures
    }
  }

  /// Requests of an operation (as in `PutItem`) that arrived; of those on `table` alone, if it is named.
  public func requestCount(_ operation: String, on table: String? = nil) -> Int {
    state.withLock { $0.requests[table.map { "\(operation) \($0)" } ?? operation] ?? 0 }
  }

  /// Every item of a table, in scan order.
  public func items(in table: String) -> [Item] {
    withState { $0.service.items(in: table) }
  }

  /// Writes that were carried out.
  package var writeCount: Int { withState { $0.service.writeCount } }

  /// A digest of every request and answer so far, with the times they came: the same for the same run. Nil where it isn't kept.
  package var historyDigest: String? { withState { $0.historyDigest } }

  /// Hands every request from here on to `script` first; nil: to none.
  package func follow(_ script: Script?) { state.withLock { $0.script = script } }

  /// Changes the tables between two requests.
  package func change<Value: Sendable>(_ body: (inout SimulatedService) throws -> Value) rethrows -> Value {
    try withState { try body(&$0.service) }
  }

  // MARK: For servers

  /// False where every request arrives at once and is answered whole.
  package var hasFaults: Bool { state.withLock { !$0.faults.isCalm } }

  /// True where heads must hold all their fields, because signatures or policies are judged.
  package var readsFields: Bool { state.withLock { $0.readsFields } }

  /// Draws what happens to a request that is on its way now.
  package func send(_ head: RequestHead, _ body: borrowing ByteBuffer) -> Fate {
    let moment = moment
    return state.withLock { $0.send(head, body.span, at: moment) }
  }

  /// Carries out a request that arrives now.
  package func arrive(_ head: RequestHead, _ body: consuming ByteBuffer, _ fate: Fate) -> SimulatedAnswer {
    let moment = moment
    var body: ByteBuffer? = body
    return state.withLock { $0.arrive(head, body.take() ?? ByteBuffer(), fate, at: moment) }
  }

  /// The time now.
  var moment: Moment { Moment(elapsed: time.now(), wall: time.wallClock.now()) }

  /// Looks at the state after everything that is due by now has arrived.
  private func withState<Value: Sendable>(_ body: (inout SimulatorState) throws -> Value) rethrows -> Value {
    let moment = moment
    return try state.withLock { state in
      state.settle(at: moment)
      return try body(&state)
    }
  }

  private static let endpoint: DynamoDBEndpoint = {
    guard let endpoint = try? DynamoDBEndpoint.resolve(environment: [:], region: "local", url: "http://simulator.invalid") else {
      preconditionFailure("the URL is one")
    }
    return endpoint
  }()

  private static let credentials: StaticCredentialProvider = {
    guard let credentials = try? AWSCredentials(accessKeyID: "SIMULATED", secretAccessKey: "SIMULATED") else {
      preconditionFailure("they are well-formed")
    }
    return StaticCredentialProvider(credentials)
  }()
}
