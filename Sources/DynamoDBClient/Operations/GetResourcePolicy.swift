package import DynamoDBModel
package import HTTPTransport

/// Asks for the policy that is attached to a table or a stream.
public struct GetResourcePolicyInput: Sendable, Hashable {
  /// The ARN of the table or the stream.
  public var resourceArn: String

  /// Makes a request.
  public init(resourceArn: String) { self.resourceArn = resourceArn }
}

/// The policy that is attached to a table or a stream.
public struct GetResourcePolicyOutput: Sendable, Hashable {
  /// The policy, as JSON.
  public var policy: String
  /// Which revision it is, to replace or delete no other.
  public var revisionId: String?
}

extension GetResourcePolicyInput: OperationInput {
  package static var operation: DynamoDBOperation { .getResourcePolicy }
  package var onlyTable: String? { resourceArn }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("ResourceArn", resourceArn, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> GetResourcePolicyOutput {
    let json = try JSONValue(parsing: body)
    guard let policy = json["Policy"]?.string else { throw DynamoDBModelError(.malformed) }
    return GetResourcePolicyOutput(policy: policy, revisionId: json["RevisionId"]?.string)
  }
}

extension DynamoDBClient {
  /// Returns the policy that is attached to a table or a stream; a change may take a moment to be seen.
  ///
  /// - Throws: `DynamoDBError`, of code `policyNotFound` where there is none.
  public func getResourcePolicy(
    _ input: GetResourcePolicyInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> GetResourcePolicyOutput {
    try await send(input, options)
  }
}
