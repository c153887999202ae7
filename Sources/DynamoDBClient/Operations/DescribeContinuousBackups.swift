package import DynamoDBModel
package import HTTPTransport

/// Asks whether and how far back a table can be restored.
public struct DescribeContinuousBackupsInput: Sendable, Hashable {
  /// The table's name.
  public var tableName: String

  /// Makes a request.
  public init(tableName: String) { self.tableName = tableName }
}

/// Whether and how far back a table can be restored.
public struct DescribeContinuousBackupsOutput: Sendable, Hashable {
  /// True if the table can be restored to a moment within the window.
  public var pointInTimeRecoveryEnabled: Bool
  /// The length of the window in days, if the service says it.
  public var recoveryPeriodInDays: Int?
  /// The window's first moment, in seconds since 1970.
  public var earliestRestorableDateTime: Double?
  /// The window's last moment, in seconds since 1970.
  public var latestRestorableDateTime: Double?
}

extension DescribeContinuousBackupsInput: OperationInput {
  package static var operation: DynamoDBOperation { .describeContinuousBackups }
  package var onlyTable: String? { tableName }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> DescribeContinuousBackupsOutput {
    guard let backups = try JSONValue(parsing: body)["ContinuousBackupsDescription"], backups["ContinuousBackupsStatus"]?.string != nil
    else { throw DynamoDBModelError(.malformed) }
    let recovery = backups["PointInTimeRecoveryDescription"]
    return DescribeContinuousBackupsOutput(
      pointInTimeRecoveryEnabled: recovery?["PointInTimeRecoveryStatus"]?.string == "ENABLED",
      recoveryPeriodInDays: recovery?["RecoveryPeriodInDays"]?.integer,
      earliestRestorableDateTime: recovery?["EarliestRestorableDateTime"]?.double,
      latestRestorableDateTime: recovery?["LatestRestorableDateTime"]?.double)
  }
}

extension DynamoDBClient {
  /// Says whether and how far back a table can be restored.
  ///
  /// - Throws: `DynamoDBError`, of code `tableNotFound` where there is no such table.
  public func describeContinuousBackups(
    _ input: DescribeContinuousBackupsInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> DescribeContinuousBackupsOutput {
    try await send(input, options)
  }
}
