internal import DynamoDBModel
package import HTTPTransport

/// Asks for a page of a segment whose bytes are read where they lie.
package struct ScanPageInput: RequestBody {
  package static var operation: DynamoDBOperation { .scan }
  package var onlyTable: String? { table }

  package var table: String
  /// From 0.
  package var segment: Int
  package var totalSegments: Int
  /// The `LastEvaluatedKey` of the page before, as it stood in its bytes; nil for the first page.
  package var exclusiveStartKey: [UInt8]?
  /// Items to look at, at most; nil: as many as make 1 MB.
  package var limit: Int?
  package var consistent: Bool
  /// Attributes to return; nil: all.
  package var projection: [String]?

  package init(
    table: String, segment: Int = 0, totalSegments: Int = 1, exclusiveStartKey: [UInt8]? = nil, limit: Int? = nil,
    consistent: Bool = true, projection: [String]? = nil
  ) {
    self.table = table
    self.segment = segment
    self.totalSegments = totalSegments
    self.exclusiveStartKey = exclusiveStartKey
    self.limit = limit
    self.consistent = consistent
    self.projection = projection
  }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", table, &body)
    object.integer("Segment", segment, &body)
    object.integer("TotalSegments", totalSegments, &body)
    if let exclusiveStartKey {
      object.name("ExclusiveStartKey", &body)
      body.append(exclusiveStartKey.span)
    }
    object.integer("Limit", limit, &body)
    object.bool("ConsistentRead", consistent, &body)
    if let projection {
      let aliases = projection.indices.map { "#\($0)" }
      object.string("ProjectionExpression", aliases.joined(separator: ","), &body)
      object.name("ExpressionAttributeNames", &body)
      var names = ObjectWriter(&body)
      for (alias, name) in zip(aliases, projection) { names.member(alias, &body) { $0.appendJSON(name) } }
      names.close(&body)
    }
    object.choice("ReturnConsumedCapacity", ReturnConsumedCapacity.total, &body)
    object.close(&body)
  }
}

/// A page of a scan in the bytes that it came in.
package struct ScanPage: ~Copyable, Sendable {
  /// The whole answer.
  package var bytes: ByteBuffer
  /// Where the answer's JSON lies in `bytes`.
  package let body: Range<Int>

  /// A page of bytes received or made up.
  package init(bytes: consuming ByteBuffer, body: Range<Int>) {
    self.bytes = bytes
    self.body = body
  }

  /// The JSON alone, borrowed.
  package var span: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span.extracting(body) }
  }
}

extension DynamoDBClient {
  /// Reads a page of a segment; its bytes are checked against their checksum and not read otherwise.
  package func scanPage(_ input: ScanPageInput, options: CallOptions = CallOptions()) async throws(DynamoDBError) -> ScanPage {
    try await exchange(input, options) { (answer: inout HTTPAnswer, _) throws(DynamoDBError) in
      let body = answer.body
      return ScanPage(bytes: answer.takeBytes(), body: body)
    }
  }
}
