internal import DualTableBackfill
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel

/// Makes sure that a table is there, keyed as a mapping says, and empty.
struct SeedTable: Sendable {
  let client: DynamoDBClient
  let name: String
  /// `old` or `new`.
  let role: String
  let keys: KeySchema
  let indexes: [(name: String, keys: KeySchema)]

  /// Looks at a table that is there, without changing anything; false if it isn't there.
  ///
  /// - Throws: `CommandError` where it can't be looked at, is keyed otherwise, or holds items.
  func exists() async throws(CommandError) -> Bool {
    let found: TableDescription
    do {
      found = try await client.describeTable(DescribeTableInput(tableName: name)).table
    } catch {
      if error.code == .resourceNotFound { return false }
      throw failure(error, "can't be looked at")
    }
    guard found.keys == keys else {
      throw CommandError("The \(role) table \(name) is there and keyed otherwise than the mapping says; name another, or delete it.")
    }
    guard try await TableSide(client: client, table: name).isEmpty() else {
      throw CommandError("The \(role) table \(name) holds items, and seed fills only empty tables; name another, or delete it.")
    }
    return true
  }

  /// Creates the table, and waits until it can be used, for five minutes at most.
  func create(on clock: any Clock<Duration>) async throws(CommandError) {
    var input = CreateTableInput(tableName: name, keys: keys)
    input.add(indexes: indexes)
    do {
      _ = try await client.createTable(input)
      for _ in 0..<1_200 {
        if try await client.describeTable(DescribeTableInput(tableName: name)).table.tableStatus == .active { return }
        guard (try? await clock.sleep(for: .milliseconds(250))) != nil else { break }
      }
    } catch {
      throw failure(error, "can't be created")
    }
    throw CommandError("The \(role) table \(name) isn't ACTIVE after five minutes; look at it, and run the command again once it is.")
  }

  func failure(_ error: DynamoDBError, _ what: String) -> CommandError {
    CommandError("The \(role) table \(name) \(what): \(error).")
  }
}
