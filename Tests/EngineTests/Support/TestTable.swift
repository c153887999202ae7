import DynamoDBClient
import DynamoDBModel
import Synchronization

private let tablesMade = Atomic(0)

extension DynamoDBClient {
  /// Runs `body` with a new table of this key, and deletes the table afterwards.
  func withTable<Value>(
    _ keys: KeySchema = KeySchema(hash: .init("id", .string)), _ body: (String) async throws -> Value
  ) async throws -> Value {
    try await withTable(CreateTableInput(tableName: "", keys: keys), body)
  }

  /// Runs `body` with a new table like this, under a name of its own, and deletes the table afterwards.
  func withTable<Value>(_ input: CreateTableInput, _ body: (String) async throws -> Value) async throws -> Value {
    var input = input
    let name = "test-\(tablesMade.add(1, ordering: .relaxed).newValue)"
    input.tableName = name
    // A run that was killed may have left one on an engine that lives on.
    _ = try? await deleteTable(DeleteTableInput(tableName: name))
    try await wait(for: .gone, of: name, policy: .quick)
    _ = try await createTable(input)
    try await wait(for: .active, of: name, policy: .quick)
    do {
      let value = try await body(name)
      _ = try await deleteTable(DeleteTableInput(tableName: name))
      return value
    } catch {
      _ = try? await deleteTable(DeleteTableInput(tableName: name))
      throw error
    }
  }
}

extension WaitPolicy {
  /// For engines on this machine.
  static let quick = WaitPolicy(deadline: .seconds(30), interval: .milliseconds(10))
}

/// What `body` throws; nil where it throws nothing.
func failure<Value>(_ body: () async throws(DynamoDBError) -> Value) async -> DynamoDBError? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}
