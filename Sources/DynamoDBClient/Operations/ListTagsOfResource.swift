package import DynamoDBModel
package import HTTPTransport

/// Asks for a page of a table's labels.
public struct ListTagsOfResourceInput: Sendable, Hashable {
  /// The table's ARN.
  public var resourceArn: String
  /// What the page before said; nil for the first.
  public var nextToken: String?

  /// Makes a request.
  public init(resourceArn: String, nextToken: String? = nil) {
    self.resourceArn = resourceArn
    self.nextToken = nextToken
  }
}

/// A page of labels.
public struct ListTagsOfResourceOutput: Sendable, Hashable {
  /// The labels.
  public var tags: [Tag]
  /// What the next request says; nil at the end.
  public var nextToken: String?
}

extension ListTagsOfResourceInput: OperationInput {
  package static var operation: DynamoDBOperation { .listTagsOfResource }
  package var onlyTable: String? { resourceArn }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("ResourceArn", resourceArn, &body)
    object.string("NextToken", nextToken, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> ListTagsOfResourceOutput {
    let json = try JSONValue(parsing: body)
    guard let tags = json["Tags"]?.array else { throw DynamoDBModelError(.malformed) }
    return ListTagsOfResourceOutput(
      tags: tags.compactMap { tag in tag["Key"]?.string.map { Tag(key: $0, value: tag["Value"]?.string ?? "") } },
      nextToken: json["NextToken"]?.string)
  }
}

extension DynamoDBClient {
  /// Lists a page of a table's labels.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceNotFound` where there is no such table.
  public func listTagsOfResource(
    _ input: ListTagsOfResourceInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> ListTagsOfResourceOutput {
    try await send(input, options)
  }
}
