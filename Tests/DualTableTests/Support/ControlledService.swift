import DualTable
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import Telemetry

/// Instances of a service that learn the phase from a control table, with both tables, on the simulator.
final class ControlledService: Sendable {
  /// One request that has come to the tables.
  struct Request: Sendable, Hashable {
    let operation: String
    let table: String
    let at: Duration
  }

  let time: SimulatedTime
  let engine: DynamoDBSimulator
  private let seed: UInt64
  private let seen = Mutex<[Request]>([])
  private let instances = Atomic(0)
  private let onRequest = Mutex<@Sendable (Request) -> Void>({ _ in })

  init(seed: UInt64 = 1, _ change: (inout FaultPlan) -> Void = { _ in }) {
    self.seed = seed
    var plan = FaultPlan(seed: seed)
    change(&plan)
    time = SimulatedTime(seed: seed)
    engine = DynamoDBSimulator(faults: plan, time: time)
  }

  /// What goes wrong: nothing but what `change` says.
  func plan(_ change: (inout FaultPlan) -> Void = { _ in }) -> FaultPlan {
    var plan = FaultPlan(seed: seed)
    change(&plan)
    return plan
  }

  /// Since the beginning.
  var now: Duration { .nanoseconds(time.now.nanoseconds) }
  /// The requests to a table since the last `forget`, or to all but the control table.
  func requests(to table: String? = nil) -> [Request] {
    seen.withLock { $0.filter { table == nil ? $0.table != "control" : $0.table == table } }
  }
  /// Operation and table of each request, without those to the control table.
  var asked: [String] { requests().map { "\($0.operation) \($0.table)" } }
  func forget() { seen.withLock { $0 = [] } }
  /// Calls `body` when a request arrives, before it is carried out.
  func whenever(_ body: @escaping @Sendable (Request) -> Void) { onRequest.withLock { $0 = body } }

  /// Makes the tables, OLD's items and the control items.
  func start(_ phase: MigrationPhase, old: [Item] = [], new: [Item] = [], controls: [String] = ["control"]) async throws {
    let client = engine.client(on: time)
    let mapping = TestMapping()
    for (name, schema) in [("old", mapping.oldSchema), ("new", mapping.newSchema)] + controls.map({ ($0, ControlTable.schema) }) {
      _ = try await client.createTable(
        CreateTableInput(
          tableName: name,
          attributeDefinitions: schema.attributes.map { AttributeDefinition(attributeName: $0.name, attributeType: $0.type) },
          keySchema: zip(schema.attributes, [KeyType.hash, .range]).map { KeySchemaElement(attributeName: $0.name, keyType: $1) },
          billingMode: .payPerRequest))
      while try await client.describeTable(DescribeTableInput(tableName: name)).table.tableStatus != .active {
        try await time.sleep(for: .seconds(1))
      }
    }
    for (table, items) in [("old", old), ("new", new)] {
      for item in items { _ = try await client.putItem(PutItemInput(tableName: table, item: item)) }
    }
    for control in controls {
      _ = try await table(control).initialize(ControlItem(phase: phase, epoch: 1, mapping: mapping.digest))
    }
    engine.follow { [unowned self] arrival, _ in
      let request = Request(operation: arrival.operation, table: arrival.table, at: .nanoseconds(time.now.nanoseconds))
      seen.withLock { $0.append(request) }
      onRequest.withLock { $0 }(request)
      return nil
    }
  }

  func table(_ name: String = "control") -> ControlTable {
    ControlTable(client: engine.client(on: time), name: name, oldTable: "old", newTable: "new")
  }

  /// An instance of the service; each has clients of its own.
  func repository(
    control: String = "control", mapping: any TableMapping = TestMapping(), telemetry: TelemetrySinks = .none,
    retryUnknownWrites: Bool = true,
    retry: RetryPolicy = .requestPath
  ) -> DualTableRepository {
    let seed = UInt64(instances.add(1, ordering: .relaxed).newValue)
    let client = engine.client(on: time, retry: retry, seed: seed)
    return DualTableRepository(
      old: client, oldTable: "old", new: client, newTable: "new", mapping: mapping,
      phase: .controlTable(control, client: engine.client(on: time, seed: 1_000 + seed)), retryUnknownWrites: retryUnknownWrites,
      telemetry: telemetry)
  }

  /// Lets instances run beside `body`, and then leave.
  func running<Output: Sendable>(
    _ repositories: DualTableRepository..., body: @escaping @Sendable () async throws -> Output
  ) async throws -> Output {
    try await running(all: repositories, body: body)
  }

  func running<Output: Sendable>(
    all repositories: [DualTableRepository], body: @escaping @Sendable () async throws -> Output
  ) async throws -> Output {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for repository in repositories { group.addTask { try await repository.run() } }
      let output: Output
      do { output = try await body() } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
      try await group.waitForAll()
      return output
    }
  }

  /// Takes the fleet to the next phase.
  func cutOver(
    to phase: MigrationPhase, acceptUnresolved: Bool = false, patience: Duration = .seconds(60)
  ) async throws -> SwitchStateMachine.Outcome {
    try await PhaseSwitch(table: table(), wallClock: time.wallClock, clock: time)
      .perform(SwitchStateMachine(to: phase, acceptUnresolved: acceptUnresolved, patience: patience))
  }

  /// Changes the control item, as a coordinator does that asks nobody.
  func change(_ body: (inout ControlItem) -> Void) async throws {
    guard let item = try await table().controlItem() else { return }
    _ = try await table().write(item.changed(body), expecting: item.epoch)
  }

  /// Removes a participant as if it were dead.
  func bury() async throws {
    for participant in try await table().participants() { _ = try await table().remove(participant) }
  }
}

/// How an operation of a repository describes its failure; empty where it has none.
func text(_ body: () async throws -> some Any) async -> String {
  do {
    _ = try await body()
    return ""
  } catch {
    return "\(error)"
  }
}

/// What an operation of a repository fails with; nil where it doesn't.
func code(_ body: () async throws -> some Any) async -> DualTableError.Code? {
  do {
    _ = try await body()
    return nil
  } catch let error as DualTableError {
    return error.code
  } catch {
    return nil
  }
}
