import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import TestSupport

@testable import DualTableCommand

/// A migration on the simulator in virtual time, its commands as an operator types them, and its participants.
final class ControlPlace: Sendable {
  let time: SimulatedTime
  let engine: DynamoDBSimulator
  let folder = TemporaryDirectory()
  let stop = StopSignal()
  private let others = Mutex<[String: String]>([:])

  init(seed: UInt64 = 1) {
    time = SimulatedTime(seed: seed)
    engine = DynamoDBSimulator(time: time)
  }

  /// The mapping that is `mended.yaml`: the same keys, another attribute.
  static let mended = BuiltInMapping.users.replacing("schema: {const: 2}", with: "schema: {const: 3}")

  /// Puts a file where commands find it.
  func write(_ text: String, to file: String) { others.withLock { $0[file] = text } }

  var client: DynamoDBClient { engine.client(on: time) }

  /// Runs a command line with the migration's tables; `{m}` stands for the mapping too.
  func run(_ line: String, more: [String: String] = [:]) async -> ToolRun {
    let environment = [
      "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_REGION": "eu-central-1",
      "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "DUALTABLE_OLD": "users", "DUALTABLE_NEW": "users-v2", "DUALTABLE_CONTROL": "control",
      "DUALTABLE_MAPPING": "users.yaml", "DUALTABLE_STATE": "\(folder.path)/state",
    ]
    let files = ["users.yaml": BuiltInMapping.users, "mended.yaml": Self.mended].merging(others.withLock { $0 }) { $1 }
    return await ToolRun.run(
      line, environment: environment.merging(more) { $1 }, files: files, stop: stop, time: time, transport: LastingTransport(engine))
  }

  /// Makes both tables as the mapping says.
  func makeTables() async throws {
    let run = await run("seed --items 0")
    guard run.status == .done else { throw CommandError(run.error) }
  }

  var control: ControlTable { ControlTable(client: client, name: "control", oldTable: "users", newTable: "users-v2") }

  /// Sets the control item as it is given, at the epoch after the one that stands.
  func set(_ change: (inout ControlItem) -> Void) async throws {
    guard let item = try await control.controlItem() else { return }
    _ = try await control.write(item.changed(change), expecting: item.epoch)
  }

  var mapping: CompiledMapping {
    get throws { try CompiledMapping(yaml: Array(BuiltInMapping.users.utf8), file: "users.yaml") }
  }

  func participant(_ name: String) throws -> Participant {
    Participant(table: control, mapping: try mapping.digest, wallClock: time.wallClock, clock: time) { name }
  }

  /// Runs `body` beside participants that beat, for as long as it takes.
  func withParticipants<Value: Sendable>(
    _ names: [String], _ body: @escaping @Sendable ([Participant]) async throws -> Value
  ) async throws -> Value {
    let participants = try names.map { try participant($0) }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      for participant in participants {
        group.addTask {
          try? await participant.run()
          return nil
        }
      }
      group.addTask {
        try await self.time.sleep(for: .milliseconds(500))
        return try await body(participants)
      }
      defer { group.cancelAll() }
      while let value = try await group.next() {
        if let value { return value }
      }
      throw CancellationError()
    }
  }
}
