import AWSAuth
import DualTable
import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import MigrationControl
import Synchronization
import Telemetry
import TestSupport

/// What becomes of one request.
enum Fate: Sendable, Equatable {
  case answered
  /// Refused for load; certainly not applied.
  case throttled
  /// Another transaction is in the way; certainly not applied.
  case conflicts
  /// The connection breaks before the request is applied, or after.
  case lost(applied: Bool)
  /// The service fails, before it applied the request or after.
  case failed(applied: Bool)
  /// The connection breaks; the request is applied at some later time.
  case late
  /// The connection breaks, and the transport says, wrongly, that nothing can have arrived.
  case mistaken(applied: Bool)
  /// Applied, and applied again, as by a client that sends again what it shouldn't.
  case appliedTwice
  /// A transaction is cancelled for these reasons, and nothing applied.
  case cancelled([String?])
}

/// A transport before an engine in memory, whose requests meet the fates that `fate` says.
final class EngineTransport: HTTPTransport {
  let loops: [any TaskExecutor] = [InlineExecutor()]
  private let fate: @Sendable (WireRequest) async -> Fate
  private let execute: @Sendable (WireRequest) -> WireReply
  private let keep: @Sendable (WireRequest) -> Void

  /// - Parameters:
  ///   - fate: decides, and may take its time.
  ///   - execute: the engine.
  ///   - keep: takes requests that are to be applied later.
  init(
    fate: @escaping @Sendable (WireRequest) async -> Fate, execute: @escaping @Sendable (WireRequest) -> WireReply,
    keep: @escaping @Sendable (WireRequest) -> Void = { _ in }
  ) {
    self.fate = fate
    self.execute = execute
    self.keep = keep
  }

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    while true {
      var buffer = HTTPRequestBuffer()
      guard let token = source.nextRequest(into: &buffer) else { return }
      guard let request = try? WireRequest(buffer) else {
        source.failed(token, HTTPTransportError(.send, mayHaveArrived: false, "unreadable"))
        return
      }
      switch await fate(request) {
      case .answered: Self.answer(source, token, execute(request))
      case .conflicts: Self.answer(source, token, .conflict)
      case .throttled: Self.answer(source, token, .refusal("ProvisionedThroughputExceededException"))
      case .failed(let applied):
        if applied { _ = execute(request) }
        Self.answer(source, token, .refusal("InternalServerError", status: 500))
      case .lost(let applied):
        if applied { _ = execute(request) }
        source.failed(token, HTTPTransportError(.receive, mayHaveArrived: true, "The connection was reset."))
      case .mistaken(let applied):
        if applied { _ = execute(request) }
        source.failed(token, HTTPTransportError(.connect, mayHaveArrived: false, "Nothing listens there."))
      case .cancelled(let reasons):
        let list = reasons.map { "{\"Code\":\"\($0 ?? "None")\"}" }.joined(separator: ",")
        var reply = WireReply.refusal("TransactionCanceledException")
        reply.body = reply.body.dropLast() + ",\"CancellationReasons\":[\(list)]}"
        Self.answer(source, token, reply)
      case .appliedTwice:
        _ = execute(request)
        Self.answer(source, token, execute(request))
      case .late:
        keep(request)
        source.failed(token, HTTPTransportError(.timeout, mayHaveArrived: true, "No answer."))
      }
      if !source.mayHaveMore { return }
    }
  }

  func shutdown() async {}

  private static func answer(_ source: any HTTPRequestSource, _ token: Int, _ reply: WireReply) {
    var answer = reply.answer
    source.answered(token, &answer)
  }

  /// A client over this transport, with a clock that doesn't wait.
  func client(seed: UInt64 = 1, telemetry: TelemetrySinks = .none) throws -> DynamoDBClient {
    let endpoint = try DynamoDBEndpoint.resolve(environment: [:], region: "eu-central-1", url: "http://127.0.0.1:8000")
    var configuration = DynamoDBClient.Configuration(
      endpoint: endpoint,
      credentials: StaticCredentialProvider(try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")))
    configuration.telemetry = telemetry
    return DynamoDBClient(
      configuration: configuration, transport: self, wallClock: WallClock { 1_700_000_000_000 }, clock: SteppedClock(), seed: seed)
  }
}

/// Tables, a transport that answers at once or as scripted, and a repository on them.
final class Bench: Sendable {
  private struct State {
    var engine: TableEngine
    var fates: [Fate]
    var requests: [WireRequest] = []
  }

  private let state: Mutex<State>
  private let meter: (@Sendable (WireRequest, WireReply) -> Void)?

  /// - Parameter meter: told of each request and its answer, which says what it took.
  init(
    old: [Item], new: [Item], other: [Item] = [], fates: [Fate] = [], refusalsCarryItems: Bool = true,
    meter: (@Sendable (WireRequest, WireReply) -> Void)? = nil
  ) {
    self.meter = meter
    let mapping = TestMapping()
    let engine = TableEngine(
      tables: [("old", mapping.oldSchema, old), ("new", mapping.newSchema, new), ("other", mapping.newSchema, other)],
      refusalsCarryItems: refusalsCarryItems)
    state = Mutex(State(engine: engine, fates: fates))
  }

  /// - Parameter clients: 1, or 2: another one for each table.
  func repository(
    _ phase: MigrationPhase = .dualTable, retryUnknownWrites: Bool = true, clients: Int = 1, telemetry: TelemetrySinks = .none
  ) throws -> DualTableRepository {
    let transport = EngineTransport(
      fate: { request in
        self.state.withLock { state in
          state.requests.append(request)
          return state.fates.isEmpty ? .answered : state.fates.removeFirst()
        }
      }, execute: execute)
    let client = try transport.client(telemetry: telemetry)
    return DualTableRepository(
      old: clients == 1 ? client : try transport.client(), oldTable: "old", new: client, newTable: "new", mapping: TestMapping(),
      phase: .fixed(phase), retryUnknownWrites: retryUnknownWrites, telemetry: telemetry)
  }

  private func execute(_ request: WireRequest) -> WireReply {
    let request = meter == nil ? request : request.measured
    let reply = state.withLock { $0.engine.execute(request) }
    meter?(request, reply)
    return reply
  }

  /// Puts an item into the new table, past the repository.
  func put(_ item: Item) { state.withLock { $0.engine.put(item, in: "new") } }

  /// What was sent, as operation and table.
  var asked: [String] { requests.map { "\($0.operation) \($0.operation == "BatchGetItem" ? batchTable($0) : $0.table)" } }
  var requests: [WireRequest] { state.withLock { $0.requests } }
  private func batchTable(_ request: WireRequest) -> String { (try? request.batch().map(\.table).joined(separator: ",")) ?? "" }

  func stored(_ id: String, in table: String = "new") -> Item? { state.withLock { $0.engine.item(["id": .string(id)], in: table) } }
  func stayBusy(_ table: String, with ids: [String]) {
    state.withLock { state in
      for id in ids { state.engine.leaveUnprocessed(["id": .string(id)], in: table) }
    }
  }
}
