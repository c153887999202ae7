internal import DynamoDBExpressions
internal import DynamoDBModel

/// An answer that refuses: what goes into `__type` and `message`, and the HTTP status.
package struct ServiceError: Error, Sendable {
  let type: String
  let message: String
  var status = 400
  /// The item that a false condition met, where the request asked for it.
  var item: StoredItem?
  /// Further members of the answer, such as `ThrottlingReasons`.
  var details: [JSONValue.Member] = []

  init(type: String, message: String, status: Int = 400, item: StoredItem? = nil, details: [JSONValue.Member] = []) {
    self.type = type
    self.message = message
    self.status = status
    self.item = item
    self.details = details
  }

  /// What stands behind the `#` of the type.
  var code: String { type.split(separator: "#").last.map(String.init) ?? type }

  /// The name of the message's member, which isn't the same everywhere.
  var messageName: StaticString {
    ["SerializationException", "TransactionCanceledException"].contains(code) ? "Message" : "message"
  }

  // MARK: What requests are refused for

  static func validation(_ message: String) -> ServiceError {
    ServiceError(type: "com.amazon.coral.validate#ValidationException", message: message)
  }

  /// What is refused before any table is looked at says how many such findings there are.
  static func early(_ isEarly: Bool, _ message: String) -> ServiceError {
    validation(isEarly ? "1 validation error detected: \(message)" : message)
  }

  static func invalidParameter(_ message: String) -> ServiceError {
    validation("One or more parameter values were invalid: \(message)")
  }

  static func serialization(_ message: String) -> ServiceError {
    ServiceError(type: "com.amazon.coral.service#SerializationException", message: message)
  }

  static let unknownOperation = ServiceError(type: "com.amazon.coral.service#UnknownOperationException", message: "")

  package static func service(_ code: String, _ message: String, status: Int = 400) -> ServiceError {
    ServiceError(type: "com.amazonaws.dynamodb.v20120810#\(code)", message: message, status: status)
  }

  static func conditionFailed(_ item: StoredItem?) -> ServiceError {
    var error = service("ConditionalCheckFailedException", "The conditional request failed")
    error.item = item
    return error
  }

  static let tableMissing = service("ResourceNotFoundException", "Requested resource not found")

  static func tableMissing(_ name: String) -> ServiceError {
    service("ResourceNotFoundException", "Requested resource not found: Table: \(name) not found")
  }

  // MARK: Keys

  static let keyMismatch = validation("The provided key element does not match the schema")

  static func keyEmpty(_ name: String, _ type: AttributeType) -> ServiceError {
    validation(
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
        + "\(type == .binary ? "binary" : "string") value. Key: \(name)")
  }

  static func keyTooLong(isHash: Bool) -> ServiceError {
    invalidParameter(
      isHash
        ? "Size of hashkey has exceeded the maximum size limit of2048 bytes"
        : "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
  }

  static var throttled: ServiceError {
    service(
      "ProvisionedThroughputExceededException",
      "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."
    )
  }

  init(_ error: ExpressionError) { self = .validation(error.message) }
}
