internal import DynamoDBModel

/// What stands between two operators: a condition already, or an operand that needs a comparison to become one.
private struct Term {
  enum Content {
    case condition(Condition)
    /// A condition that is one function call.
    case function(String, Condition)
    case operand(Operand)
  }

  var content: Content
  var isParenthesized = false

  init(_ content: Content) { self.content = content }
}

extension ExpressionParser {
  /// The whole text as a condition.
  internal mutating func condition() throws(ExpressionError) -> Condition {
    let term = try disjunction()
    let condition = try condition(term)
    guard tokens.current.kind == .end else { throw tokens.syntaxError() }
    try throwFinding()
    return condition
  }

  private mutating func disjunction() throws(ExpressionError) -> Term {
    let first = try conjunction()
    guard tokens.isAt("OR") else { return first }
    var parts = [try condition(first)]
    while tokens.skip("OR") {
      try countOperator()
      let next = try conjunction()
      parts.append(try condition(next))
    }
    return Term(.condition(.or(parts)))
  }

  private mutating func conjunction() throws(ExpressionError) -> Term {
    let first = try negation()
    guard tokens.isAt("AND") else { return first }
    var parts = [try condition(first)]
    while tokens.skip("AND") {
      try countOperator()
      let next = try negation()
      parts.append(try condition(next))
    }
    return Term(.condition(.and(parts)))
  }

  private mutating func negation() throws(ExpressionError) -> Term {
    guard tokens.skip("NOT") else { return try comparison() }
    try countOperator()
    let term = try negation()
    return Term(.condition(.not(try condition(term))))
  }

  /// The term as a condition; a lone operand is none.
  private mutating func condition(_ term: Term) throws(ExpressionError) -> Condition {
    switch term.content {
    case .condition(let condition), .function(_, let condition): return condition
    case .operand(.size(let operand)):
      noteMisused("size")
      return .beginsWith(operand, operand)
    case .operand: throw tokens.syntaxError()
    }
  }

  private mutating func comparison() throws(ExpressionError) -> Term {
    let term = try term(operandOnly: false)
    if case .comparator(let comparator) = tokens.current.kind {
      let left = try operand(term)
      tokens.advance()
      let right = try operand()
      check(comparator, left, right)
      return try judged(.comparison(left, comparator, right))
    }
    if tokens.isAt("BETWEEN") {
      let operand = try operand(term)
      tokens.advance()
      let lower = try self.operand()
      guard tokens.skip("AND") else { throw tokens.syntaxError() }
      let upper = try self.operand()
      checkBounds(operand, lower, upper)
      return try judged(.between(operand, lower, upper))
    }
    if tokens.isAt("IN") {
      let operand = try operand(term)
      tokens.advance()
      try tokens.expect(.openParenthesis)
      var list = [try self.operand()]
      while tokens.skip(.comma) { list.append(try self.operand()) }
      try tokens.expect(.closeParenthesis)
      if list.count > 100 {
        note(.tooManyOperands, "The IN operator is provided with too many operands; number of operands: \(list.count)")
      }
      checkDistinct("IN", operand, list)
      return try judged(.isIn(operand, list))
    }
    return term
  }

  private mutating func judged(_ condition: Condition) throws(ExpressionError) -> Term {
    judgedConditions += 1
    try countOperator()
    return Term(.condition(condition))
  }

  // MARK: - Operands

  private mutating func term(operandOnly: Bool) throws(ExpressionError) -> Term {
    switch tokens.current.kind {
    case .openParenthesis:
      tokens.advance()
      var inner = try descend { (parser) throws(ExpressionError) in
        operandOnly ? try parser.term(operandOnly: true) : try parser.disjunction()
      }
      try tokens.expect(.closeParenthesis)
      if inner.isParenthesized { note(.redundantParentheses, "The expression has redundant parentheses;") }
      inner.isParenthesized = true
      return inner
    case .word where tokens.following.kind == .openParenthesis: return try call()
    case .valueReference: return Term(.operand(.value(try value())))
    default: return Term(.operand(.path(try path())))
    }
  }

  private mutating func operand() throws(ExpressionError) -> Operand {
    let term = try term(operandOnly: true)
    return try operand(term)
  }

  /// The term as an operand; of the functions only `size` is one.
  private mutating func operand(_ term: Term) throws(ExpressionError) -> Operand {
    switch term.content {
    case .operand(let operand): return operand
    case .function(let name, _):
      noteMisused(name)
      return .path(DocumentPath(root: name))
    case .condition: throw tokens.syntaxError()
    }
  }

  private mutating func call() throws(ExpressionError) -> Term {
    let name = tokens.text(of: tokens.current)
    tokens.advance()
    tokens.advance()
    let arguments = try descend { (parser) throws(ExpressionError) in
      var arguments = [try parser.operand()]
      while parser.tokens.skip(.comma) { arguments.append(try parser.operand()) }
      return arguments
    }
    try tokens.expect(.closeParenthesis)
    return function(name, arguments)
  }

  private mutating func function(_ name: String, _ arguments: [Operand]) -> Term {
    let unusable = Term(.function(name, .attributeExists(DocumentPath(root: name))))
    guard let count = Self.functions[name] else {
      if name == "if_not_exists" || name == "list_append" {
        note(.misusedFunction, "The function is not allowed in a condition expression; function: \(name)")
      } else {
        note(.unknownFunction, "Invalid function name; function: \(name)")
      }
      return unusable
    }
    guard arguments.count == count else {
      noteOperandCount(name, arguments.count)
      return name == "size" ? Term(.operand(.size(arguments[0]))) : unusable
    }
    if name == "size" {
      checkSize(arguments[0])
      return Term(.operand(.size(arguments[0])))
    }
    let condition = condition(name, arguments)
    judgedConditions += 1
    return condition.map { Term(.function(name, $0)) } ?? unusable
  }

  internal static let functions = [
    "attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2, "size": 1,
  ]

  private mutating func condition(_ name: String, _ arguments: [Operand]) -> Condition? {
    switch name {
    case "attribute_exists", "attribute_not_exists":
      guard case .path(let path) = arguments[0] else {
        notePathRequired(name)
        return nil
      }
      return name == "attribute_exists" ? .attributeExists(path) : .attributeNotExists(path)
    case "attribute_type":
      guard case .path = arguments[0] else {
        notePathRequired(name)
        return nil
      }
      checkDistinct(name, arguments[0], [arguments[1]])
      return typeName(arguments[1]).map { .attributeType(arguments[0], $0) }
    case "begins_with":
      checkDistinct(name, arguments[0], [arguments[1]])
      checkPrefix(arguments[0])
      checkPrefix(arguments[1])
      return .beginsWith(arguments[0], arguments[1])
    default:
      checkDistinct(name, arguments[0], [arguments[1]])
      return .contains(arguments[0], arguments[1])
    }
  }
}
