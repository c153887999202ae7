import DualTable

/// The listing of the article on queries: compiled.
func queriesListing(_ orders: DualTableRepository, ship: (Item) async throws -> Void) async throws {
  var query = QueryInput(
    tableName: "orders-2", keyConditionExpression: "pk = :customer AND begins_with(sk, :order)", limit: 20,
    expressionAttributeValues: [":customer": "CUSTOMER#c1", ":order": "ORDER#"])
  let page = try await orders.query(query)
  query.exclusiveStartKey = page.lastEvaluatedKey
  let next = try await orders.query(query)

  for try await order in orders.queryPages(query).items { try await ship(order) }
  _ = next
}
