package import DynamoDBClient

/// One of a migration's two tables, and the client that reaches it.
package struct TableSide: Sendable {
  package var client: DynamoDBClient
  /// A name or an ARN.
  package var table: String

  package init(client: DynamoDBClient, table: String) {
    self.client = client
    self.table = table
  }
}
