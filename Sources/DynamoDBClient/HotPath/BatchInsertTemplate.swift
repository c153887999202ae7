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

  /// Writes the insert of the item on `tape`, after a comma unless it is the first.
  ///
  /// - Returns: false, and nothing is written, if its text would be longer than a statement may be.
  package func append(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>, isFirst: Bool, to body: inout ByteBuffer) -> Bool {
    let start = body.count
    if !isFirst { body.append(",") }
    body.append(opening.span)
    var index = 1
    while index < tape.count {
      body.append(index == 1 ? "'" : ",'")
      Self.appendName(tape[index], index, tape, bytes, to: &body)
      body.append("':?")
      index = tape[index].end
    }
    // The bytes of the text as JSON are at least as many as its characters: what is over by bytes alone is rare, and goes the other way.
    guard body.count - start <= InsertStatement.longest else {
      body.truncate(to: start)
      return false
    }
    body.append("}\",\"Parameters\":[")
    index = 1
    while index < tape.count {
      if index > 1 { body.append(",") }
      body.append(bytes.extracting(tape[index].valueRange))
      index = tape[index].end
    }
    body.append("]}")
    return true
  }

  /// An attribute's name within quotes of PartiQL within a string of JSON.
  private static func appendName(
    _ node: ItemTape.Node, _ index: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, to body: inout ByteBuffer
  ) {
    if node.nameEscaped {
      // Escapes may hide a quote: written anew.
      var plain = ByteBuffer()
      tape.appendName(of: index, bytes, to: &plain)
      let doubled = String(decoding: (0..<plain.count).flatMap { plain[$0] == 0x27 ? [0x27, 0x27] : [plain[$0]] }, as: UTF8.self)
      var json = ByteBuffer()
      json.appendJSON(doubled)
      return body.append(json.span.extracting(1..<json.count - 1))
    }
    // Quotes are doubled, and next to no name has one.
    var start = node.nameRange.lowerBound
    for position in node.nameRange where bytes[position] == 0x27 {
      body.append(bytes.extracting(start...position))
      start = position
    }
    body.append(bytes.extracting(start..<node.nameRange.upperBound))
  }
}
