public import DynamoDBModel

/// The pages of a scan or a query.
public typealias ItemPages = Pages<ScanOutput, Item, DynamoDBError>

extension DynamoDBClient {
  /// Reads a table's or an index's items, page after page, from the request's `exclusiveStartKey` to the end.
  public func scanPages(_ input: ScanInput, options: CallOptions = CallOptions()) -> ItemPages {
    ItemPages(
      start: input.exclusiveStartKey,
      page: { start throws(DynamoDBError) in
        var input = input
        input.exclusiveStartKey = start
        return try await self.scan(input, options: options)
      }, end: \.lastEvaluatedKey)
  }

  /// Reads the items with one partition key, page after page, from the request's `exclusiveStartKey` to the end.
  public func queryPages(_ input: QueryInput, options: CallOptions = CallOptions()) -> ItemPages {
    ItemPages(
      start: input.exclusiveStartKey,
      page: { start throws(DynamoDBError) in
        var input = input
        input.exclusiveStartKey = start
        return try await self.query(input, options: options)
      }, end: \.lastEvaluatedKey)
  }

  /// Lists the names of the account's tables in the region, page after page, from the request's `exclusiveStartTableName` to the end.
  public func listTablesPages(
    _ input: ListTablesInput = ListTablesInput(), options: CallOptions = CallOptions()
  ) -> Pages<ListTablesOutput, String, DynamoDBError> {
    Pages(
      start: input.exclusiveStartTableName,
      page: { start throws(DynamoDBError) in
        var input = input
        input.exclusiveStartTableName = start
        return try await self.listTables(input, options: options)
      }, end: \.lastEvaluatedTableName)
  }

  /// Lists a table's labels, page after page, from the request's `nextToken` to the end.
  public func listTagsOfResourcePages(
    _ input: ListTagsOfResourceInput, options: CallOptions = CallOptions()
  ) -> Pages<ListTagsOfResourceOutput, String, DynamoDBError> {
    Pages(
      start: input.nextToken,
      page: { start throws(DynamoDBError) in
        var input = input
        input.nextToken = start
        return try await self.listTagsOfResource(input, options: options)
      }, end: \.nextToken)
  }
}
