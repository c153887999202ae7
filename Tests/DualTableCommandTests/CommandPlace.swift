import AWSAuth
import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBSimulator
import HTTPTransport
import TestSupport

@testable import DualTableCommand

/// An embedded engine, a folder for state, and the settings that lead there.
final class CommandPlace: Sendable {
  let engine = DynamoDBSimulator()
  let folder = TemporaryDirectory()
  let mapping: String
  let environment = [
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_REGION": "eu-central-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "DUALTABLE_OLD": "users", "DUALTABLE_NEW": "users-v2",
  ]

  /// - Parameter mapping: what the file `users.yaml` holds.
  init(mapping: String = BuiltInMapping.users) { self.mapping = mapping }

  /// - Parameter transport: default: the engine.
  func run(
    _ line: String, mapping: (any TableMapping)? = nil, environment more: [String: String] = [:], stop: StopSignal = StopSignal(),
    transport: (any HTTPTransport)? = nil
  ) async -> ToolRun {
    await ToolRun.run(
      line, environment: environment.merging(more) { $1 }.merging(["DUALTABLE_STATE": "\(folder.path)/state"]) { $1 },
      files: ["users.yaml": self.mapping], mapping: mapping, stop: stop, transport: transport ?? LastingTransport(engine))
  }

  /// Runs a command of the whole table with the mapping file.
  func pass(
    _ line: String, environment: [String: String] = [:], stop: StopSignal = StopSignal(), transport: (any HTTPTransport)? = nil
  ) async -> ToolRun {
    await run(
      "\(line) --mapping users.yaml --segments 4 --open-segments 2 --json", environment: environment, stop: stop, transport: transport)
  }

  var client: DynamoDBClient {
    get throws {
      DynamoDBClient(
        configuration: try .init(environment: environment), transport: engine, wallClock: .init { 0 }, clock: ContinuousClock(), seed: 1)
    }
  }
}
