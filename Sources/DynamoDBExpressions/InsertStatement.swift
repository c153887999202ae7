package import DynamoDBModel

/// A PartiQL statement that inserts one item: `INSERT INTO "table" VALUE {'id': ?, 'text': 'x'}`.
package struct InsertStatement: Sendable, Hashable {
  /// Characters that a statement may have, counted as UTF-16 units.
  package static let longest = 8_192

  /// The table to insert into.
  package let table: String
  /// The item, parameters already in their places.
  package let item: Item

  package init(table: String, item: Item) {
    self.table = table
    self.item = item
  }

  /// Reads a statement.
  ///
  /// - Parameters:
  ///   - text: the statement; values are literals or `?`.
  ///   - parameters: a value for each `?`, in order.
  /// - Throws: `tooLong`, `syntax`, `tooDeep`, `operandType` for values that no item takes, `parameterCount`.
  package init(parsing text: String, parameters: [AttributeValue] = []) throws(ExpressionError) {
    guard text.utf16.count <= Self.longest else {
      throw ExpressionError(.tooLong, "The statement has \(text.utf16.count) characters; \(Self.longest) are allowed.")
    }
    var parser = StatementParser(text, parameters)
    self = try parser.insert()
  }

  /// The statement's text with a `?` for each attribute.
  ///
  /// A table name or an attribute name may hold anything: quotes are doubled.
  package var text: String {
    let members = item.names.map { "'\(Self.doubling("'", in: $0))':?" }
    return "INSERT INTO \"\(Self.doubling("\"", in: table))\" VALUE {\(members.joined(separator: ","))}"
  }

  /// The values for `text`, in order.
  package var parameters: [AttributeValue] { item.map(\.value) }

  private static func doubling(_ quote: Character, in text: String) -> String {
    // By bytes, as a quote may stand before a combining character.
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if byte == quote.asciiValue { bytes.append(byte) }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
