internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import MigrationControl

extension TableSide {
  /// Whether the table's items expire; an engine that knows no time to live expires none.
  func expiry() async throws(CommandError) -> ExpiryState {
    do {
      return ExpiryState(try await client.describeTimeToLive(DescribeTimeToLiveInput(tableName: table)).timeToLiveStatus)
    } catch {
      if error.code == .unknownOperation { return .off }
      throw CommandError("The time to live of the table \(table) can't be looked at: \(error).")
    }
  }

  /// Whether the table holds no item, by a consistent scan up to the first one.
  func isEmpty() async throws(CommandError) -> Bool {
    var key: Item?
    do {
      repeat {
        let page = try await client.scan(ScanInput(tableName: table, exclusiveStartKey: key, limit: 1, consistentRead: true))
        if !page.items.isEmpty { return false }
        key = page.lastEvaluatedKey
      } while key != nil
      return true
    } catch {
      throw CommandError("The table \(table) can't be read: \(error).")
    }
  }
}
