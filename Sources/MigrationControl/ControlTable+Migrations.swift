internal import DynamoDBClient
internal import DynamoDBModel

extension ControlTable {
  /// All migrations that have a control item here, in the order of their names.
  ///
  /// - Throws: where the table may not be scanned, too; nothing but a better sentence rests on it.
  package func migrations() async throws(MigrationControlError) -> [String] {
    let pages = client.scanPages(
      ScanInput(
        tableName: name, consistentRead: true, filterExpression: "#item = :control", projectionExpression: "#migration",
        expressionAttributeNames: ["#item": "item", "#migration": "migration"], expressionAttributeValues: [":control": "control"]))
    var migrations: [String] = []
    var iterator = pages.makeAsyncIterator()
    while true {
      let page: ScanOutput?
      do { page = try await iterator.next() } catch { throw failed(error) }
      guard let page else { return migrations.sorted() }
      migrations += page.items.compactMap { $0["migration"]?.stringValue }
    }
  }
}
