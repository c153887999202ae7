public import DynamoDBClient
public import DynamoDBModel

/// A page of a query or a scan, its items as values.
public struct DualTablePage<Value: Sendable>: Sendable {
  /// The values; an empty page isn't the end.
  public let values: [Value]
  /// How many items were looked at.
  public let scannedCount: Int
  /// Where the next page begins; nil at the end, and nowhere else.
  public let lastEvaluatedKey: Item?
}

extension DualTableItems where Value: Sendable {
  /// Reads a page of the values with one partition key, of the table or of an index.
  ///
  /// - Parameters:
  ///   - keyConditionExpression: the partition key's value, and what must be true of the sort key.
  ///   - indexName: the index to query instead of the table.
  ///   - exclusiveStartKey: the `lastEvaluatedKey` of the page before; nil for the first.
  ///   - limit: how many items to look at, at most.
  ///   - scanIndexForward: false to begin at the largest sort key.
  ///   - consistentRead: true to see every write acknowledged before, at twice the price.
  ///   - filterExpression: which of the items looked at to return.
  ///   - expressionAttributeNames: what the expressions' `#names` stand for.
  ///   - expressionAttributeValues: what their `:values` stand for.
  ///   - allowIncomplete: see `DualTableRepository.query`.
  ///   - options: deadline, retries, telemetry of this call.
  /// - Throws: `DualTableError`: `undecodable` where an item is none of `Value`, else what `DualTableRepository.query` throws.
  public func query(
    keyConditionExpression: String, indexName: String? = nil, exclusiveStartKey: Item? = nil, limit: Int? = nil,
    scanIndexForward: Bool? = nil, consistentRead: Bool? = nil, filterExpression: String? = nil,
    expressionAttributeNames: [String: String]? = nil, expressionAttributeValues: AttributeMap? = nil, allowIncomplete: Bool = false,
    options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> DualTablePage<Value> {
    try decode(
      try await repository.query(
        QueryInput(
          tableName: repository.newTable, indexName: indexName, keyConditionExpression: keyConditionExpression,
          exclusiveStartKey: exclusiveStartKey, limit: limit, scanIndexForward: scanIndexForward, consistentRead: consistentRead,
          filterExpression: filterExpression, expressionAttributeNames: expressionAttributeNames,
          expressionAttributeValues: expressionAttributeValues), allowIncomplete: allowIncomplete, options: options))
  }

  /// Reads a page of the values of the table or of an index.
  ///
  /// - Parameters:
  ///   - indexName: the index to scan instead of the table.
  ///   - exclusiveStartKey: the `lastEvaluatedKey` of the page before; nil for the first.
  ///   - limit: how many items to look at, at most.
  ///   - segment: which part of the table, from 0; needs `totalSegments`.
  ///   - totalSegments: parts that the table is scanned in.
  ///   - consistentRead: true to see every write acknowledged before, at twice the price.
  ///   - filterExpression: which of the items looked at to return.
  ///   - expressionAttributeNames: what the expressions' `#names` stand for.
  ///   - expressionAttributeValues: what their `:values` stand for.
  ///   - allowIncomplete: see `DualTableRepository.scan`.
  ///   - options: deadline, retries, telemetry of this call.
  /// - Throws: `DualTableError`: `undecodable` where an item is none of `Value`, else what `DualTableRepository.scan` throws.
  public func scan(
    indexName: String? = nil, exclusiveStartKey: Item? = nil, limit: Int? = nil, segment: Int? = nil, totalSegments: Int? = nil,
    consistentRead: Bool? = nil, filterExpression: String? = nil, expressionAttributeNames: [String: String]? = nil,
    expressionAttributeValues: AttributeMap? = nil, allowIncomplete: Bool = false, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> DualTablePage<Value> {
    try decode(
      try await repository.scan(
        ScanInput(
          tableName: repository.newTable, indexName: indexName, exclusiveStartKey: exclusiveStartKey, limit: limit, segment: segment,
          totalSegments: totalSegments, consistentRead: consistentRead, filterExpression: filterExpression,
          expressionAttributeNames: expressionAttributeNames, expressionAttributeValues: expressionAttributeValues),
        allowIncomplete: allowIncomplete, options: options))
  }

  private func decode(_ page: ScanOutput) throws(DualTableError) -> DualTablePage<Value> {
    var values: [Value] = []
    for item in page.items { values.append(try decode(item)) }
    return DualTablePage(values: values, scannedCount: page.scannedCount, lastEvaluatedKey: page.lastEvaluatedKey)
  }
}
