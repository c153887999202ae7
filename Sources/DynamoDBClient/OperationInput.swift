package import DynamoDBModel
package import HTTPTransport

/// What a request's body is written by.
package protocol RequestBody: Sendable {
  static var operation: DynamoDBOperation { get }
  /// The one table that the request is about; nil where it is about none or several.
  var onlyTable: String? { get }
  /// Writes the body's JSON.
  func encode(into body: inout ByteBuffer)
}

extension RequestBody {
  package var onlyTable: String? { nil }
}

/// A request with an answer in values.
package protocol OperationInput: RequestBody {
  associatedtype Output: Sendable
  /// Reads the body of a successful answer; `tape` is lent for its items.
  static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> Output
}
