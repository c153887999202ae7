internal import DynamoDBModel

extension ExpressionParser {
  /// The whole text as an update.
  internal mutating func update() throws(ExpressionError) -> UpdateExpression {
    var update = UpdateExpression()
    var sections: Set<String> = []
    repeat {
      let section = tokens.text(of: tokens.current).uppercased()
      if tokens.skip("SET") {
        try actions { (parser) throws(ExpressionError) in update.sets.append(try parser.assignment()) }
      } else if tokens.skip("REMOVE") {
        try actions { (parser) throws(ExpressionError) in update.removes.append(try parser.path()) }
      } else if tokens.skip("ADD") {
        try actions { (parser) throws(ExpressionError) in update.adds.append(try parser.change("ADD")) }
      } else if tokens.skip("DELETE") {
        try actions { (parser) throws(ExpressionError) in update.deletes.append(try parser.change("DELETE")) }
      } else {
        throw tokens.syntaxError()
      }
      if !sections.insert(section).inserted {
        note(.repeatedSection, "The \"\(section)\" section can only be used once in an update expression;")
      }
    } while tokens.current.kind != .end
    checkTargets(update.targets)
    try throwFinding()
    return update
  }

  private mutating func actions(
    _ action: (inout ExpressionParser) throws(ExpressionError) -> Void
  ) throws(ExpressionError) {
    repeat { try action(&self) } while tokens.skip(.comma)
  }

  private mutating func checkTargets(_ targets: [DocumentPath]) {
    for (index, path) in targets.enumerated() { check(path, against: Array(targets[..<index])) }
  }

  private mutating func assignment() throws(ExpressionError) -> UpdateExpression.Assignment {
    let path = try path()
    try tokens.expect(.comparator(.equal))
    return UpdateExpression.Assignment(path: path, value: try sum())
  }

  private mutating func change(_ section: String) throws(ExpressionError) -> UpdateExpression.Change {
    let path = try path()
    let value = try value()
    let type = value.value.type
    if !type.isSet && !(section == "ADD" && type == .number) {
      note(
        .operandType,
        "Incorrect operand type for operator or function; operator: \(section), operand type: \(Self.longName(type)), "
          + "typeSet: ALLOWED_FOR_\(section)_OPERAND", isEarly: true)
    }
    return UpdateExpression.Change(path: path, value: value)
  }

  /// Types as the errors of ADD and DELETE spell them.
  private static func longName(_ type: AttributeType) -> String {
    switch type {
    case .string: "STRING"
    case .number: "NUMBER"
    case .binary: "BINARY"
    case .bool: "BOOLEAN"
    case .list: "LIST"
    case .map: "MAP"
    default: "\(type.name)"
    }
  }

  // MARK: - Values

  /// An operand, or two with one operator between them; more only in parentheses.
  private mutating func sum() throws(ExpressionError) -> UpdateExpression.Value {
    let left = try term()
    guard tokens.current.kind == .plus || tokens.current.kind == .minus else { return left }
    let isSum = tokens.current.kind == .plus
    try countOperator()
    tokens.advance()
    let right = try term()
    for operand in [left, right] { check(operand, is: .number, in: isSum ? "+" : "-") }
    return isSum ? .sum(left, right) : .difference(left, right)
  }

  private mutating func term() throws(ExpressionError) -> UpdateExpression.Value {
    switch tokens.current.kind {
    case .openParenthesis:
      tokens.advance()
      let value = try descend { (parser) throws(ExpressionError) in try parser.sum() }
      try tokens.expect(.closeParenthesis)
      return value
    case .word where tokens.following.kind == .openParenthesis: return try call()
    case .valueReference: return .value(try value())
    default: return .path(try path())
    }
  }

  private mutating func call() throws(ExpressionError) -> UpdateExpression.Value {
    let name = tokens.text(of: tokens.current)
    tokens.advance()
    tokens.advance()
    let arguments = try descend { (parser) throws(ExpressionError) in
      var arguments = [try parser.term()]
      while parser.tokens.skip(.comma) { arguments.append(try parser.term()) }
      return arguments
    }
    try tokens.expect(.closeParenthesis)
    guard name == "if_not_exists" || name == "list_append" else {
      if Self.functions[name] != nil {
        note(.misusedFunction, "The function is not allowed in an update expression; function: \(name)")
      } else {
        note(.unknownFunction, "Invalid function name; function: \(name)")
      }
      return arguments[0]
    }
    guard arguments.count == 2 else {
      noteOperandCount(name, arguments.count)
      return arguments[0]
    }
    if name == "list_append" {
      for argument in arguments { check(argument, is: .list, in: name) }
      return .listAppend(arguments[0], arguments[1])
    }
    guard case .path(let path) = arguments[0] else {
      notePathRequired(name)
      return arguments[0]
    }
    return .ifNotExists(path, arguments[1])
  }

  private mutating func check(_ operand: UpdateExpression.Value, is type: AttributeType, in function: String) {
    if case .value(let value) = operand, value.value.type != type { noteOperandType(function: function, "\(value.value.type.name)") }
  }
}
