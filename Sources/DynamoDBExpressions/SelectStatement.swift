package import DynamoDBModel

/// A PartiQL statement that reads items whole: `SELECT * FROM "table" WHERE id = ? AND sort = ?`.
package struct SelectStatement: Sendable, Hashable {
  /// The table to read from.
  package let table: String
  /// What attributes must equal, by name; empty without a WHERE.
  package let values: Item

  /// Reads a statement.
  ///
  /// - Parameters:
  ///   - text: the statement; values are literals or `?`, and only equality joined by AND is known.
  ///   - parameters: a value for each `?`, in order.
  /// - Throws: `tooLong`, `syntax`, `operandType` for values that no item takes, `parameterCount`.
  package init(parsing text: String, parameters: [AttributeValue] = []) throws(ExpressionError) {
    guard text.utf16.count <= InsertStatement.longest else {
      throw ExpressionError(.tooLong, "The statement has \(text.utf16.count) characters; \(InsertStatement.longest) are allowed.")
    }
    var parser = StatementParser(text, parameters)
    (table, values) = try parser.select()
  }
}

extension StatementParser {
  /// The whole text as a SELECT.
  fileprivate mutating func select() throws(ExpressionError) -> (table: String, values: Item) {
    guard tokens.skip(word: "SELECT"), tokens.skip("*"), tokens.skip(word: "FROM") else { throw syntaxError() }
    let table = try table()
    var values = Item()
    if tokens.skip(word: "WHERE") {
      repeat {
        let name = try self.name()
        guard tokens.skip("="), values[name] == nil else { throw syntaxError() }
        values[name] = try value()
      } while tokens.skip(word: "AND")
    }
    _ = tokens.skip(";")
    guard tokens.current.kind == .end else { throw syntaxError() }
    guard parametersUsed == parameters.count else { throw .parameterCount }
    return (table, values)
  }

  private mutating func name() throws(ExpressionError) -> String {
    let name: String
    switch tokens.current.kind {
    case .identifier(let text): name = text
    case .word: name = tokens.text(of: tokens.current)
    default: throw syntaxError()
    }
    tokens.advance()
    return name
  }
}
