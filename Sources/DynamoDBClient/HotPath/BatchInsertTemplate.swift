internal import DynamoDBExpressions
package import DynamoDBModel
package import HTTPTransport

/// The bytes of a BatchExecuteStatement of inserts, each of which only succeeds where nothing has the item's key.
///
/// The items' bytes stay as they are: the names go into the statement's text, the values become its parameters.
package struct BatchInsertTemplate: Sendable {
  /// Statements that a request may have.
  package static let mostStatements = 25

  private let opening: [UInt8]

  /// Makes a template.
  package init(table: String) {
    var text = ByteBuffer()
    // The table's name in quotes, and those doubled, as JSON.
    text.append("{\"Statement\":")
    let quoted = InsertStatement(table: table, item: [:]).text.dropLast(1)
    text.appendJSON(String(quoted))
    // What follows goes on in the same string.
    opening = (0..<text.count - 1).map { text[$0] }
  }

  /// Writes what goes before the first statement.
  package func begin(into body: inout ByteBuffer) { body.append("{\"Statements\":[") }

  /// Writes what goes behind the last statement.
  package func end(into body: inout ByteBuffer) { body.append("],\"ReturnConsumedCapacity\":\"TOTAL\"}") }

  /// Writes the insert of the item whose attributes lie in `bytes` at `places`, after a comma unless it is the first.
  ///
  /// - Returns: false, and nothing is written, if its text would be longer than a statement may be.
  package func append(
    _ places: borrowing Slab<AttributePlace>, _ bytes: Span<UInt8>, isFirst: Bool, to body: inout ByteBuffer
  ) -> Bool {
    let start = body.count
    if !isFirst { body.append(",") }
    body.append(opening.span)
    for index in 0..<places.count {
      body.append(index == 0 ? "'" : ",'")
      Self.appendName(places[index].name, bytes, to: &body)
      body.append("':?")
    }
    // The bytes of the text as JSON are at least as many as its characters: what is over by bytes alone is rare, and goes the other way.
    guard body.count - start <= InsertStatement.longest else {
      body.truncate(to: start)
      return false
    }
    body.append("}\",\"Parameters\":[")
    for index in 0..<places.count {
      if index > 0 { body.append(",") }
      let value = places[index].value
      body.append(bytes, from: value.lowerBound, count: value.count)
    }
    body.append("]}")
    return true
  }

  /// An attribute's name within quotes of PartiQL within a string of JSON.
  @inline(__always)
  private static func appendName(_ name: Range<Int>, _ bytes: Span<UInt8>, to body: inout ByteBuffer) {
    if bytes.mayHoldQuoteOrEscape(name) { return appendRoughName(name, bytes, to: &body) }
    body.append(bytes, from: name.lowerBound, count: name.count)
  }

  /// Quotes are doubled, and escapes may hide one: written anew.
  private static func appendRoughName(_ name: Range<Int>, _ bytes: Span<UInt8>, to body: inout ByteBuffer) {
    var plain = ByteBuffer()
    bytes.appendUnescaped(name, to: &plain)
    let doubled = String(decoding: (0..<plain.count).flatMap { plain[$0] == 0x27 ? [0x27, 0x27] : [plain[$0]] }, as: UTF8.self)
    var json = ByteBuffer()
    json.appendJSON(doubled)
    body.append(json.span.extracting(1..<json.count - 1))
  }
}
