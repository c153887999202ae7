package import DynamoDBModel
package import HTTPTransport

/// Deletes a table and all its items.
public struct DeleteTableInput: Sendable, Hashable {
  /// The table's name.
  public var tableName: String

  /// Makes a request.
  public init(tableName: String) { self.tableName = tableName }
}

/// The table on its way out.
public struct DeleteTableOutput: Sendable, Hashable {
  /// The table.
  public var tableDescription: TableDescription
}

extension DeleteTableInput: OperationInput {
  package static var operation: DynamoDBOperation { .deleteTable }
  package var onlyTable: String? { tableName }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> DeleteTableOutput {
    DeleteTableOutput(tableDescription: try TableDescription.read("TableDescription", of: body))
  }
}

extension DynamoDBClient {
  /// Deletes a table and all its items; it takes the service seconds.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceNotFound` where there is no such table, `resourceInUse` where it is being changed.
  public func deleteTable(
    _ input: DeleteTableInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> DeleteTableOutput {
    try await send(input, options)
  }
}
