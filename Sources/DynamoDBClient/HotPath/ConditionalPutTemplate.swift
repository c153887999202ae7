package import HTTPTransport

/// The bytes around the item of a PutItem that only succeeds where nothing has the item's key.
///
/// A refusal brings the item that is in the way (`DynamoDBError.item`), a success says its capacity units.
package struct ConditionalPutTemplate: Sendable {
  private let prefix: [UInt8]
  private let suffix: [UInt8]

  /// Makes a template.
  ///
  /// - Parameter hashKey: the name of the table's partition key attribute.
  package init(table: String, hashKey: String) {
    var bytes = ByteBuffer(capacity: 256)
    var object = ObjectWriter(&bytes)
    object.string("TableName", table, &bytes)
    object.name("Item", &bytes)
    let itemStart = bytes.count
    object.string("ConditionExpression", "attribute_not_exists(#h)", &bytes)
    object.texts("ExpressionAttributeNames", ["#h": hashKey], &bytes)
    object.choice("ReturnValuesOnConditionCheckFailure", ReturnValuesOnConditionCheckFailure.allOld, &bytes)
    object.choice("ReturnConsumedCapacity", ReturnConsumedCapacity.total, &bytes)
    object.close(&bytes)
    prefix = (0..<itemStart).map { bytes[$0] }
    suffix = (itemStart..<bytes.count).map { bytes[$0] }
  }

  /// Bytes before and behind the item together.
  package var size: Int { prefix.count + suffix.count }

  /// Writes what goes before the item; the item's wire JSON follows.
  package func begin(into body: inout ByteBuffer) { body.append(prefix.span) }

  /// Writes what goes behind the item.
  package func end(into body: inout ByteBuffer) { body.append(suffix.span) }
}
