package import DynamoDBModel
package import HTTPTransport

/// What a request's body is written by.
package protocol RequestBody: Sendable {
  static var operation: DynamoDBOperation { get }
  /// Writes the body's JSON.
  func encode(into body: inout ByteBuffer)
}

/// A request with an answer in values.
package protocol OperationInput: RequestBody {
  associatedtype Output: Sendable
  /// Reads the body of a successful answer.
  static func decode(_ body: Span<UInt8>) throws(DynamoDBModelError) -> Output
}
