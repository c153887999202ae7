import DynamoDBClient
import DynamoDBModel
import Synchronization

private let tablesMade = Atomic(0)

extension DynamoDBClient {
  /// Runs `body` with a new table of this key, and deletes the table afterwards.
  func withTable<Value>(
    _ keys: KeySchema = KeySchema(hash: .init("id", .string)), _ body: (String) async throws -> Value
  ) async throws -> Value {
    let name = "test-\(tablesMade.add(1, ordering: .relaxed).newValue)"
    // A run that was killed may have left one on an engine that lives on.
    _ = try? await deleteTable(DeleteTableInput(tableName: name))
    try await untilGone(name)
    _ = try await createTable(CreateTableInput(tableName: name, keys: keys))
    try await untilActive(name)
    do {
      let value = try await body(name)
      _ = try await deleteTable(DeleteTableInput(tableName: name))
      return value
    } catch {
      _ = try? await deleteTable(DeleteTableInput(tableName: name))
      throw error
    }
  }

  func untilActive(_ table: String) async throws {
    while try await describeTable(DescribeTableInput(tableName: table)).table.tableStatus != .active { try await pause() }
  }

  func untilGone(_ table: String) async throws {
    do {
      while true {
        _ = try await describeTable(DescribeTableInput(tableName: table))
        try await pause()
      }
    } catch let error as DynamoDBError where error.code == .resourceNotFound {}
  }

  private func pause() async throws { try await ContinuousClock().sleep(for: .milliseconds(5)) }
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
