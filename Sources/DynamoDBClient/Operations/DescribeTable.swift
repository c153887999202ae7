package import DynamoDBModel
package import HTTPTransport

/// Asks what the service knows of a table.
public struct DescribeTableInput: Sendable, Hashable {
  /// The table's name.
  public var tableName: String

  /// Makes a request.
  public init(tableName: String) { self.tableName = tableName }
}

/// What the service knows of a table.
public struct DescribeTableOutput: Sendable, Hashable {
  /// The table.
  public var table: TableDescription
}

extension DescribeTableInput: OperationInput {
  package static var operation: DynamoDBOperation { .describeTable }
  package var onlyTable: String? { tableName }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> DescribeTableOutput {
    DescribeTableOutput(table: try TableDescription.read("Table", of: body))
  }
}

extension DynamoDBClient {
  /// Says what the service knows of a table.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceNotFound` where there is no such table.
  public func describeTable(
    _ input: DescribeTableInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> DescribeTableOutput {
    try await send(input, options)
  }
}
