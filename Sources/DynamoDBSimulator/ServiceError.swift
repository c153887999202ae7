internal import DynamoDBExpressions
package import DynamoDBModel

/// An answer that refuses: what goes into `__type` and `message`, and the HTTP status.
package struct ServiceError: Error, Sendable {
  let type: String
  let message: String
  var status = 400
  /// The item that a false condition met, where the request asked for it.
  var item: Item?
  /// Further members of the answer, such as `ThrottlingReasons`.
  var details: [JSONValue.Member] = []

  static func validation(_ message: String) -> ServiceError {
    ServiceError(type: "com.amazon.coral.validate#ValidationException", message: message)
  }

  package static func service(_ code: String, _ message: String, status: Int = 400, item: Item? = nil) -> ServiceError {
    ServiceError(type: "com.amazonaws.dynamodb.v20120810#\(code)", message: message, status: status, item: item)
  }

  static let tableMissing = service("ResourceNotFoundException", "Requested resource not found")

  static func conditionFailed(_ item: Item?) -> ServiceError {
    service("ConditionalCheckFailedException", "The conditional request failed", item: item)
  }

  static var throttled: ServiceError {
    service(
      "ProvisionedThroughputExceededException",
      "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."
    )
  }

  init(type: String, message: String, status: Int = 400, item: Item? = nil) {
    self.type = type
    self.message = message
    self.status = status
    self.item = item
  }

  init(_ error: ExpressionError) { self = .validation(error.message) }

  init(_ error: DynamoDBModelError) {
    self = .validation("One or more parameter values were invalid: \(error.message)")
  }
}
