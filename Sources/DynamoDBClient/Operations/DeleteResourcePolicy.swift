package import DynamoDBModel
package import HTTPTransport

/// Takes the policy off a table or a stream.
public struct DeleteResourcePolicyInput: Sendable, Hashable {
  /// The ARN of the table or the stream.
  public var resourceArn: String
  /// The revision to delete; nil: whatever is there.
  public var expectedRevisionId: String?

  /// Makes a request.
  public init(resourceArn: String, expectedRevisionId: String? = nil) {
    self.resourceArn = resourceArn
    self.expectedRevisionId = expectedRevisionId
  }
}

/// The policy that is gone.
public struct DeleteResourcePolicyOutput: Sendable, Hashable {
  /// Which revision it was; nil where there was none.
  public var revisionId: String?
}

extension DeleteResourcePolicyInput: OperationInput {
  package static var operation: DynamoDBOperation { .deleteResourcePolicy }
  package var onlyTable: String? { resourceArn }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("ResourceArn", resourceArn, &body)
    object.string("ExpectedRevisionId", expectedRevisionId, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> DeleteResourcePolicyOutput {
    DeleteResourcePolicyOutput(revisionId: try JSONValue(parsing: body)["RevisionId"]?.string)
  }
}

extension DynamoDBClient {
  /// Takes the policy off a table or a stream; where there is none, nothing happens.
  ///
  /// - Throws: `DynamoDBError`, of code `policyNotFound` where another revision was expected.
  public func deleteResourcePolicy(
    _ input: DeleteResourcePolicyInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> DeleteResourcePolicyOutput {
    try await send(input, options)
  }
}
