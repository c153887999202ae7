package import DynamoDBModel
package import HTTPTransport

/// Lets a table's items expire by an attribute, or no longer.
public struct UpdateTimeToLiveInput: Sendable, Hashable {
  /// The table's name.
  public var tableName: String
  /// The attribute that holds the second since 1970 when its item expires.
  public var attributeName: String
  /// True to let items expire.
  public var enabled: Bool

  /// Makes a request.
  public init(tableName: String, attributeName: String, enabled: Bool) {
    self.tableName = tableName
    self.attributeName = attributeName
    self.enabled = enabled
  }
}

/// What the service took note of.
public struct UpdateTimeToLiveOutput: Sendable, Hashable {
  /// The attribute.
  public var attributeName: String
  /// True if items will expire.
  public var enabled: Bool
}

extension UpdateTimeToLiveInput: OperationInput {
  package static var operation: DynamoDBOperation { .updateTimeToLive }
  package var onlyTable: String? { tableName }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.name("TimeToLiveSpecification", &body)
    var inner = ObjectWriter(&body)
    inner.string("AttributeName", attributeName, &body)
    inner.bool("Enabled", enabled, &body)
    inner.close(&body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> UpdateTimeToLiveOutput {
    let specification = try JSONValue(parsing: body)["TimeToLiveSpecification"]
    guard let name = specification?["AttributeName"]?.string, let enabled = specification?["Enabled"]?.bool else {
      throw DynamoDBModelError(.malformed)
    }
    return UpdateTimeToLiveOutput(attributeName: name, enabled: enabled)
  }
}

extension DynamoDBClient {
  /// Lets a table's items expire by an attribute, or no longer; the service takes up to an hour and one change in that time.
  ///
  /// - Throws: `DynamoDBError`, of code `validation` where the table is so already or was changed within the hour.
  public func updateTimeToLive(
    _ input: UpdateTimeToLiveInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> UpdateTimeToLiveOutput {
    try await send(input, options)
  }
}
