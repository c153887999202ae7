public import DynamoDBClient
public import DynamoDBModel

extension DualTableRepository {
  /// Reads a page of the items with one partition key, of the table or of an index.
  ///
  /// While both tables count, a page is merged of what they have: one request of each, as a rule. `lastEvaluatedKey` is a cursor that says
  /// nothing to its holder; it fits this query alone, with whatever limit, filter and projection. Capacity is reported of the new table.
  ///
  /// - Parameters:
  ///   - input: for the new table.
  ///   - allowIncomplete: true to query an index that only the new table has while the backfill isn't known to be done; what only the old
  ///     table has is then missing. Default false.
  ///   - options: of each request that it takes.
  /// - Throws: `DualTableError`: `queryNeedsBackfill` and `indexIncomplete` for what can't be answered before the backfill is done,
  ///   `partitionTooLarge`, `invalidCursor`, `unconvertible` where one of the old table's items can't be converted, `requestFailed`, or what
  ///   is wrong with the request.
  public func query(
    _ input: QueryInput, allowIncomplete: Bool = false, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> ScanOutput {
    try check(table: input.tableName)
    let request = try PageRequest(input, reserved: reserved)
    return try await operate(.read, "Query", options) { context throws(DualTableError) in
      let reader = PageReader(self, context, request)
      if let index = try await self.index(input.indexName, reader.options) {
        var query = try IndexQuery(index, input, reader, allowIncomplete: allowIncomplete)
        return try await query.page()
      }
      var query = try TableQuery(input, reader)
      return try await query.page()
    }
  }

  /// Reads the items with one partition key, page after page, from the request's `exclusiveStartKey` to the end.
  ///
  /// Each page is an operation by itself, in the phase that holds then.
  /// - Parameters:
  ///   - input: for the new table; where its first page begins, too.
  ///   - allowIncomplete: as in `query`.
  ///   - options: of each request that it takes.
  public func queryPages(
    _ input: QueryInput, allowIncomplete: Bool = false, options: CallOptions = CallOptions()
  ) -> Pages<ScanOutput, Item, DualTableError> {
    Pages(
      start: input.exclusiveStartKey,
      page: { start throws(DualTableError) in
        var input = input
        input.exclusiveStartKey = start
        return try await self.query(input, allowIncomplete: allowIncomplete, options: options)
      }, end: \.lastEvaluatedKey)
  }

  /// Reads a page of the table's or an index's items.
  ///
  /// While both tables count, the old one's items come first, each as the new one has it now, then what only the new one has.
  /// `lastEvaluatedKey` is a cursor that says nothing to its holder; it fits scans of the same segment, up to phase 4. Capacity is reported
  /// of the new table.
  ///
  /// - Parameters:
  ///   - input: for the new table.
  ///   - allowIncomplete: true to scan an index while the backfill isn't known to be done; what only the old table has is then missing.
  ///     Default false.
  ///   - options: of each request that it takes.
  /// - Throws: `DualTableError`: `indexIncomplete`, `invalidCursor`, `unconvertible` where one of the old table's items can't be converted,
  ///   `requestFailed`, or what is wrong with the request.
  public func scan(
    _ input: ScanInput, allowIncomplete: Bool = false, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> ScanOutput {
    try check(table: input.tableName)
    let request = try PageRequest(input, reserved: reserved)
    return try await operate(.read, "Scan", options) { context throws(DualTableError) in
      let reader = PageReader(self, context, request)
      let index = try await self.index(input.indexName, reader.options)
      var scan = try TableScan(input, index, reader, allowIncomplete: allowIncomplete)
      return try await scan.page()
    }
  }

  /// Reads the table's or an index's items, page after page, from the request's `exclusiveStartKey` to the end.
  ///
  /// Each page is an operation by itself, in the phase that holds then.
  /// - Parameters:
  ///   - input: for the new table; where its first page begins, too.
  ///   - allowIncomplete: as in `scan`.
  ///   - options: of each request that it takes.
  public func scanPages(
    _ input: ScanInput, allowIncomplete: Bool = false, options: CallOptions = CallOptions()
  ) -> Pages<ScanOutput, Item, DualTableError> {
    Pages(
      start: input.exclusiveStartKey,
      page: { start throws(DualTableError) in
        var input = input
        input.exclusiveStartKey = start
        return try await self.scan(input, allowIncomplete: allowIncomplete, options: options)
      }, end: \.lastEvaluatedKey)
  }
}
