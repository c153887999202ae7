internal import DynamoDBModel

/// Reads a PartiQL INSERT, or a SELECT of one item, by recursive descent.
///
/// Texts are the service's where they are known; behind "can't be processed:" they are our own.
internal struct StatementParser {
  internal var tokens: StatementTokens
  internal let parameters: [AttributeValue]
  internal private(set) var parametersUsed = 0
  private var depth = 0

  /// Levels that an item may have, itself included.
  private static let deepest = 32

  internal init(_ text: String, _ parameters: [AttributeValue]) {
    tokens = StatementTokens(text)
    self.parameters = parameters
  }

  /// The whole text as an INSERT.
  internal mutating func insert() throws(ExpressionError) -> InsertStatement {
    guard tokens.skip(word: "INSERT") else {
      guard tokens.current.kind == .word else { throw syntaxError() }
      tokens.advance()
      throw tokens.current.kind == .end ? ExpressionError(.syntax, "Unsupported operation: Id") : syntaxError()
    }
    guard tokens.skip(word: "INTO") else { throw syntaxError() }
    let table = try table()
    guard tokens.skip(word: "VALUE") else { throw syntaxError() }
    let item = try self.item()
    guard !tokens.skip(word: "RETURNING") else { throw ExpressionError(.syntax, "RETURNING is not supported in INSERT") }
    _ = tokens.skip(";")
    guard tokens.current.kind == .end else { throw syntaxError() }
    guard parametersUsed == parameters.count else { throw .parameterCount }
    return InsertStatement(table: table, item: item)
  }

  private mutating func item() throws(ExpressionError) -> Item {
    switch tokens.current.kind {
    case .sign("{"): return try map()
    case .parameter, .string, .number, .sign("["), .sign("<<"):
      throw ExpressionError(
        .syntax,
        "Unsupported format in item expression. Please use struct format {...} to express item values for insert statement.")
    default: throw syntaxError()
    }
  }

  internal mutating func table() throws(ExpressionError) -> String {
    let name: String
    switch tokens.current.kind {
    case .identifier(let text): name = text
    case .word: name = tokens.text(of: tokens.current)
    default: throw syntaxError()
    }
    let place = tokens.place
    tokens.advance()
    guard tokens.current.kind != .sign(".") else {
      throw ExpressionError(.syntax, "FROM clause may only contain a single table name in data manipulation statements at \(place)")
    }
    return name
  }

  // MARK: - Values

  internal mutating func value() throws(ExpressionError) -> AttributeValue {
    let token = tokens.current
    switch token.kind {
    case .parameter:
      guard parametersUsed < parameters.count else { throw .parameterCount }
      tokens.advance()
      parametersUsed += 1
      return parameters[parametersUsed - 1]
    case .string(let text):
      tokens.advance()
      return .string(text)
    case .number, .sign("-"), .sign("+"): return .number(try number())
    case .word: return try word()
    case .sign("{"): return .map(try map())
    case .sign("["): return .list(try list(from: "[", to: "]") { (parser) throws(ExpressionError) in try parser.value() })
    case .sign("<<"): return try set()
    case .sign("`"): throw ExpressionError(.operandType, "Ion Literals are not supported at \(tokens.place)")
    default: throw syntaxError()
    }
  }

  private mutating func word() throws(ExpressionError) -> AttributeValue {
    if tokens.skip(word: "TRUE") { return .bool(true) }
    if tokens.skip(word: "FALSE") { return .bool(false) }
    if tokens.skip(word: "NULL") { return .null }
    throw syntaxError()
  }

  private mutating func number() throws(ExpressionError) -> DynamoDBNumber {
    var text = ""
    if tokens.skip("-") { text = "-" } else { _ = tokens.skip("+") }
    guard tokens.current.kind == .number else { throw syntaxError() }
    text += tokens.text(of: tokens.current)
    do {
      let number = try DynamoDBNumber(text)
      tokens.advance()
      return number
    } catch {
      let refusal = ExpressionError.unstorable(error)
      throw ExpressionError(refusal.code, refusal.message + " under root")
    }
  }

  private mutating func map() throws(ExpressionError) -> AttributeMap {
    let members = try list(from: "{", to: "}") { (parser) throws(ExpressionError) in
      guard case .string(let name) = parser.tokens.current.kind else { throw parser.syntaxError() }
      guard !name.isEmpty else { throw ExpressionError(.syntax, "Path component cannot be an empty string") }
      parser.tokens.advance()
      guard parser.tokens.skip(":") else { throw parser.syntaxError() }
      return (name: name, value: try parser.value())
    }
    let map = AttributeMap(members)
    guard map.count == members.count else { throw ExpressionError(.syntax, "Duplicate keys in tuple") }
    return map
  }

  /// Texts or numbers, all different; the service has no literal for other sets.
  private mutating func set() throws(ExpressionError) -> AttributeValue {
    let members = try list(from: "<<", to: ">>") { (parser) throws(ExpressionError) in
      switch parser.tokens.current.kind {
      case .string, .number, .sign("-"), .sign("+"): return try parser.value()
      default:
        throw ExpressionError(
          .operandType,
          "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags at \(parser.tokens.place)")
      }
    }
    guard let first = members.first else { throw ExpressionError(.operandType, "Empty bags are not supported") }
    guard members.allSatisfy({ $0.type == first.type }) else {
      throw ExpressionError(
        .operandType, "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags")
    }
    guard Set(members).count == members.count else {
      let texts = members.map { $0.stringValue ?? $0.numberValue?.canonicalText ?? "" }
      let rule = "One or more parameter values were invalid: Input collection"
      throw ExpressionError(
        .operandType, "\(rule) [\(texts.joined(separator: ", "))] contains duplicates.", description: "\(rule) contains duplicates.")
    }
    return first.type == .string ? .stringSet(members.compactMap(\.stringValue)) : .numberSet(members.compactMap(\.numberValue))
  }

  private mutating func list<Element>(
    from open: String, to close: String, _ element: (inout StatementParser) throws(ExpressionError) -> Element
  ) throws(ExpressionError) -> [Element] {
    guard tokens.skip(open) else { throw syntaxError() }
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw ExpressionError(.tooDeep, "Nesting Levels have exceeded supported limits") }
    guard !tokens.skip(close) else { return [] }
    var elements: [Element] = []
    repeat { elements.append(try element(&self)) } while tokens.skip(",")
    guard tokens.skip(close) else { throw syntaxError() }
    return elements
  }

  /// The token stays out of the description: it may be a value.
  internal func syntaxError() -> ExpressionError {
    let rule = "Statement wasn't well formed, can't be processed:"
    switch tokens.current.kind {
    case .end: return ExpressionError(.syntax, "\(rule) Unexpected end of statement")
    case .unterminated: return ExpressionError(.syntax, "\(rule) Unterminated string literal at \(tokens.place)")
    default:
      let finding = "\(rule) Unexpected token at \(tokens.place)"
      return ExpressionError(.syntax, "\(finding): \(tokens.text(of: tokens.current))", description: finding)
    }
  }
}

extension ExpressionError {
  internal static var parameterCount: ExpressionError {
    ExpressionError(.parameterCount, "Number of parameters in request and statement don't match.")
  }
}
