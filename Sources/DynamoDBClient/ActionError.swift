public import DynamoDBModel

/// Why an action of a transaction, or a statement of a batch, did not happen.
public struct ActionError: Sendable, Hashable {
  /// The service's word, such as `ConditionalCheckFailed`, `DuplicateItem` or `TransactionConflict`; no `Exception` ends it.
  public var code: String
  /// The service's own words; they may quote values from the request: don't log them.
  public var message: String?
  /// The item that a false condition met, where the action asked for it.
  public var item: Item?

  /// Makes an error, as a test double gives it.
  public init(code: String, message: String? = nil, item: Item? = nil) {
    self.code = code
    self.message = message
    self.item = item
  }
}

extension ActionError {
  /// Reads the object that `outer` stands on.
  init(_ outer: inout JSONObjectReader, _ body: Span<UInt8>) throws(DynamoDBModelError) {
    self.init(code: "")
    var members = try JSONObjectReader(body, at: outer.offset)
    while let name = try members.next(body) {
      if body.equals(name, "Code") {
        code = try members.json(body).string ?? ""
      } else if body.equals(name, "Message") || body.equals(name, "message") {
        message = try members.json(body).string
      } else if body.equals(name, "Item") {
        // An item that can't be read leaves the refusal a refusal.
        item = try? AttributeMap(wire: body.extracting(try members.skip(body)))
      } else {
        try members.skip(body)
      }
    }
    outer.offset = members.offset
  }
}
