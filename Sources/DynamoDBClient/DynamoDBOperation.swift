/// The operations that the client knows; the raw value is the service's name.
package enum DynamoDBOperation: String, Sendable, CaseIterable {
  case getItem = "GetItem"
  case putItem = "PutItem"
  case updateItem = "UpdateItem"
  case deleteItem = "DeleteItem"
  case scan = "Scan"
  case query = "Query"
  case batchGetItem = "BatchGetItem"
  case batchWriteItem = "BatchWriteItem"
  case transactGetItems = "TransactGetItems"
  case transactWriteItems = "TransactWriteItems"
  case batchExecuteStatement = "BatchExecuteStatement"
  case describeTable = "DescribeTable"
  case createTable = "CreateTable"
  case updateTable = "UpdateTable"
  case deleteTable = "DeleteTable"
  case listTables = "ListTables"
  case describeTimeToLive = "DescribeTimeToLive"
  case updateTimeToLive = "UpdateTimeToLive"
  case describeContinuousBackups = "DescribeContinuousBackups"
  case getResourcePolicy = "GetResourcePolicy"
  case putResourcePolicy = "PutResourcePolicy"
  case deleteResourcePolicy = "DeleteResourcePolicy"
  case listTagsOfResource = "ListTagsOfResource"

  /// What `x-amz-target` says.
  package var target: String { "DynamoDB_20120810.\(rawValue)" }

  /// True if a request whose answer was lost may have changed something.
  package var isWrite: Bool {
    switch self {
    case .putItem, .updateItem, .deleteItem, .batchWriteItem, .transactWriteItems, .batchExecuteStatement, .createTable, .updateTable,
      .deleteTable, .updateTimeToLive, .putResourcePolicy, .deleteResourcePolicy:
      true
    case .getItem, .scan, .query, .batchGetItem, .transactGetItems, .describeTable, .listTables, .describeTimeToLive,
      .describeContinuousBackups, .getResourcePolicy, .listTagsOfResource:
      false
    }
  }
}
