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
        code = try members.json(body).string.flatMap { $0.isErrorCode ? $0 : nil } ?? ""
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

extension String {
  /// True for a word such as the service has for what went wrong; it goes into logs and names what is counted, so nothing else may.
  var isErrorCode: Bool {
    (1...128).contains(utf8.count)
      && utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
  }
}
