internal import DynamoDBModel

/// Reads one expression by recursive descent; the grammars are in the extensions.
///
/// What can't be read is thrown at once. What can be read but breaks a rule is noted, and the rule that the service names first is thrown
/// at the end.
internal struct ExpressionParser {
  internal var tokens: ExpressionTokens
  internal var attributes: ExpressionAttributes
  /// Operators so far; functions and parentheses don't count.
  internal private(set) var operatorCount = 0
  /// Comparisons and functions that were conditions so far; of two with errors the service names the first.
  internal var judgedConditions = 0
  private var depth = 0
  private var finding: (rank: Int, error: ExpressionError)?

  /// Parentheses within parentheses: far more than the operators between them can be, and few enough for any thread's stack.
  private static let deepest = 320
  /// Steps of a path, the root attribute included.
  private static let longestPath = 32

  internal init(_ text: String, _ kind: ExpressionError.Kind, _ attributes: ExpressionAttributes) throws(ExpressionError) {
    tokens = try ExpressionTokens(text, kind)
    self.attributes = attributes
  }

  // MARK: - Rules

  internal mutating func countOperator() throws(ExpressionError) {
    operatorCount += 1
    guard operatorCount <= ExpressionError.mostOperators else {
      throw ExpressionError(
        .tooManyOperators, in: tokens.kind, "The expression contains too many operators; operator count: \(operatorCount)")
    }
  }

  internal mutating func descend<Result>(
    _ body: (inout ExpressionParser) throws(ExpressionError) -> Result
  ) throws(ExpressionError) -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw ExpressionError(.tooDeep, in: tokens.kind, "The expression is nested too deeply;") }
    return try body(&self)
  }

  /// - Parameter isEarly: true for what the service names before others of its code, wherever it stands.
  internal mutating func note(_ code: ExpressionError.Code, _ message: String, quoting operands: String = "", isEarly: Bool = false) {
    let rank = 2 * rank(of: code) - (isEarly ? 1 : 0)
    if let finding, finding.rank <= rank { return }
    finding = (rank, ExpressionError(code, in: tokens.kind, message, quoting: operands))
  }

  internal func throwFinding() throws(ExpressionError) {
    if let finding { throw finding.error }
  }

  /// The order in which the service names broken rules.
  private func rank(of code: ExpressionError.Code) -> Int {
    if tokens.kind == .update || tokens.kind == .projection {
      let order: [ExpressionError.Code] = [
        .reservedWord, .unknownFunction, .misusedFunction, .repeatedSection, .undefinedName, .undefinedValue, .pathOverlap, .pathConflict,
      ]
      return order.firstIndex(of: code) ?? order.count
    }
    let first: [ExpressionError.Code] = [.redundantParentheses, .unknownFunction, .misusedFunction, .reservedWord]
    if let rank = first.firstIndex(of: code) { return rank }
    let then: [[ExpressionError.Code]] = [[.undefinedName, .undefinedValue], [.operandCount], [.operandsNotDistinct]]
    return first.count + judgedConditions * (then.count + 1) + (then.firstIndex { $0.contains(code) } ?? then.count)
  }

  // MARK: - Paths and values

  /// True for a word that is an operator or begins a section, so that no path begins with it.
  private var isAtKeyword: Bool {
    switch tokens.kind {
    case .update: tokens.isAt("SET") || tokens.isAt("REMOVE") || tokens.isAt("ADD") || tokens.isAt("DELETE")
    case .projection: false
    case .condition, .filter, .keyCondition:
      tokens.isAt("AND") || tokens.isAt("OR") || tokens.isAt("NOT") || tokens.isAt("BETWEEN") || tokens.isAt("IN")
    }
  }

  internal mutating func path() throws(ExpressionError) -> DocumentPath {
    var elements = [DocumentPath.Element.attribute(try name())]
    while true {
      if tokens.skip(.dot) {
        elements.append(.attribute(try name()))
      } else if tokens.skip(.openBracket) {
        elements.append(.index(try index()))
        try tokens.expect(.closeBracket)
      } else {
        if elements.count > Self.longestPath {
          note(.tooDeep, "The document path has too many nesting levels; nesting levels: \(elements.count)")
        }
        return DocumentPath(elements: elements)
      }
    }
  }

  private mutating func name() throws(ExpressionError) -> DocumentPath.AttributeName {
    let text = tokens.text(of: tokens.current)
    switch tokens.current.kind {
    case .word where !isAtKeyword:
      tokens.advance()
      if ReservedWords.contains(text) {
        note(.reservedWord, "Attribute name is a reserved keyword; reserved keyword: \(text)")
      }
      return DocumentPath.AttributeName(text)
    case .nameReference:
      tokens.advance()
      guard let name = attributes.name(text) else {
        note(.undefinedName, "An expression attribute name used in the document path is not defined; attribute name: \(text)")
        return DocumentPath.AttributeName(text)
      }
      return DocumentPath.AttributeName(name)
    default: throw tokens.syntaxError()
    }
  }

  private mutating func index() throws(ExpressionError) -> Int {
    guard tokens.current.kind == .number else { throw tokens.syntaxError() }
    let text = tokens.text(of: tokens.current)
    guard let index = Int32(text) else {
      throw ExpressionError(.syntax, in: tokens.kind, "List index is not within the allowable range; index: [\(text)]")
    }
    tokens.advance()
    return Int(index)
  }

  internal mutating func value() throws(ExpressionError) -> ExpressionValue {
    guard tokens.current.kind == .valueReference else { throw tokens.syntaxError() }
    let placeholder = tokens.text(of: tokens.current)
    tokens.advance()
    guard let value = attributes.value(placeholder) else {
      note(.undefinedValue, "An expression attribute value used in expression is not defined; attribute value: \(placeholder)")
      return ExpressionValue(placeholder: placeholder, value: .null)
    }
    return ExpressionValue(placeholder: placeholder, value: value)
  }

  /// Notes paths of which one lies in another, or that say of one place both that it is a map and that it is a list.
  internal mutating func check(_ path: DocumentPath, against others: [DocumentPath]) {
    for other in others {
      let pair = zip(other.elements, path.elements)
      let differs = pair.first { $0 != $1 }
      let message = "must remove or rewrite one of these paths; path one: \(other.quoted), path two: \(path.quoted)"
      switch differs {
      case nil: note(.pathOverlap, "Two document paths overlap with each other; \(message)")
      case (.attribute, .index)?, (.index, .attribute)?: note(.pathConflict, "Two document paths conflict with each other; \(message)")
      case _?: break
      }
    }
  }
}
