package import DynamoDBModel
package import HTTPTransport

/// Attaches a policy to a table or a stream, in place of the one that is there.
public struct PutResourcePolicyInput: Sendable, Hashable {
  /// The ARN of the table or the stream.
  public var resourceArn: String
  /// The policy, as JSON of 20 KB at most.
  public var policy: String
  /// The revision to replace, or `NO_POLICY` to replace none; nil: whatever is there.
  public var expectedRevisionId: String?
  /// True to let the policy take from the caller the right to change it.
  public var confirmRemoveSelfResourceAccess: Bool?

  /// Makes a request.
  public init(
    resourceArn: String, policy: String, expectedRevisionId: String? = nil, confirmRemoveSelfResourceAccess: Bool? = nil
  ) {
    self.resourceArn = resourceArn
    self.policy = policy
    self.expectedRevisionId = expectedRevisionId
    self.confirmRemoveSelfResourceAccess = confirmRemoveSelfResourceAccess
  }
}

/// The policy's new revision.
public struct PutResourcePolicyOutput: Sendable, Hashable {
  /// Which revision it is, to replace or delete no other.
  public var revisionId: String?
}

extension PutResourcePolicyInput: OperationInput {
  package static var operation: DynamoDBOperation { .putResourcePolicy }
  package var onlyTable: String? { resourceArn }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("ResourceArn", resourceArn, &body)
    object.string("Policy", policy, &body)
    object.string("ExpectedRevisionId", expectedRevisionId, &body)
    object.bool("ConfirmRemoveSelfResourceAccess", confirmRemoveSelfResourceAccess, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> PutResourcePolicyOutput {
    PutResourcePolicyOutput(revisionId: try JSONValue(parsing: body)["RevisionId"]?.string)
  }
}

extension DynamoDBClient {
  /// Attaches a policy to a table or a stream, in place of the one that is there.
  ///
  /// - Throws: `DynamoDBError`, of code `policyNotFound` where another revision was expected.
  public func putResourcePolicy(
    _ input: PutResourcePolicyInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> PutResourcePolicyOutput {
    try await send(input, options)
  }
}
