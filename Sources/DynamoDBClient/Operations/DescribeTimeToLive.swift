package import DynamoDBModel
package import HTTPTransport

/// Asks which attribute makes a table's items expire.
public struct DescribeTimeToLiveInput: Sendable, Hashable {
  /// The table's name.
  public var tableName: String

  /// Makes a request.
  public init(tableName: String) { self.tableName = tableName }
}

/// Which attribute makes a table's items expire.
public struct DescribeTimeToLiveOutput: Sendable, Hashable {
  /// Whether items expire.
  public struct Status: RawRepresentable, Sendable, Hashable {
    /// The service's word.
    public let rawValue: String
    /// Makes a status of the service's word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not yet, but soon.
    public static let enabling = Status(rawValue: "ENABLING")
    /// Still, but not for long.
    public static let disabling = Status(rawValue: "DISABLING")
    /// They do.
    public static let enabled = Status(rawValue: "ENABLED")
    /// They don't.
    public static let disabled = Status(rawValue: "DISABLED")
  }

  /// Whether items expire.
  public var timeToLiveStatus: Status
  /// The attribute that holds the second since 1970 when its item expires; nil where items don't.
  public var attributeName: String?
}

extension DescribeTimeToLiveInput: OperationInput {
  package static var operation: DynamoDBOperation { .describeTimeToLive }
  package var onlyTable: String? { tableName }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> DescribeTimeToLiveOutput {
    let description = try JSONValue(parsing: body)["TimeToLiveDescription"]
    guard let status = description?["TimeToLiveStatus"]?.string else { throw DynamoDBModelError(.malformed) }
    return DescribeTimeToLiveOutput(
      timeToLiveStatus: DescribeTimeToLiveOutput.Status(rawValue: status), attributeName: description?["AttributeName"]?.string)
  }
}

extension DynamoDBClient {
  /// Says which attribute makes a table's items expire.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceNotFound` where there is no such table.
  public func describeTimeToLive(
    _ input: DescribeTimeToLiveInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> DescribeTimeToLiveOutput {
    try await send(input, options)
  }
}
