package import DynamoDBModel
package import HTTPTransport

/// Asks for a page of the names of the account's tables in the region.
public struct ListTablesInput: Sendable, Hashable {
  /// Where the page before ended; nil for the first.
  public var exclusiveStartTableName: String?
  /// How many names to return, at most: 1 to 100.
  public var limit: Int?

  /// Makes a request.
  public init(exclusiveStartTableName: String? = nil, limit: Int? = nil) {
    self.exclusiveStartTableName = exclusiveStartTableName
    self.limit = limit
  }
}

/// A page of table names.
public struct ListTablesOutput: Sendable, Hashable {
  /// The names.
  public var tableNames: [String]
  /// Where the next page begins; nil at the end.
  public var lastEvaluatedTableName: String?
}

extension ListTablesInput: OperationInput {
  package static var operation: DynamoDBOperation { .listTables }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("ExclusiveStartTableName", exclusiveStartTableName, &body)
    object.integer("Limit", limit, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> ListTablesOutput {
    let json = try JSONValue(parsing: body)
    guard let names = json["TableNames"]?.array else { throw DynamoDBModelError(.malformed) }
    return ListTablesOutput(tableNames: names.compactMap(\.string), lastEvaluatedTableName: json["LastEvaluatedTableName"]?.string)
  }
}

extension DynamoDBClient {
  /// Lists a page of the names of the account's tables in the region.
  ///
  /// - Throws: `DynamoDBError`.
  public func listTables(
    _ input: ListTablesInput = ListTablesInput(), options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> ListTablesOutput {
    try await send(input, options)
  }
}
