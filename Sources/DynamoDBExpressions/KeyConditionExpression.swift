package import DynamoDBModel

/// A key condition expression of a request: one test for each of the key attributes that it names, read and checked as the service does.
package struct KeyConditionExpression: Sendable, Hashable {
  /// One attribute and what is asked of it.
  package struct Part: Sendable, Hashable {
    package let attribute: DocumentPath.AttributeName
    package let test: KeyTest
  }

  /// The parts in the order of the text, all aliases replaced; no attribute is in two of them.
  package let parts: [Part]

  /// Reads one of the expressions of a request.
  ///
  /// - Parameter attributes: the request's names and values; those that the expression uses are marked.
  /// - Throws: what a condition of this text would throw, and `invalidKeyCondition` for what no key condition may ask.
  package init(_ text: String, _ attributes: inout ExpressionAttributes) throws(ExpressionError) {
    let condition = try ConditionExpression(text, kind: .keyCondition, &attributes).condition
    var parts: [Part] = []
    try condition.forEachPart { (part) throws(ExpressionError) in
      let part = try part.keyPart()
      guard !parts.contains(where: { $0.attribute == part.attribute }) else {
        throw ExpressionError(
          .invalidKeyCondition, in: .keyCondition, "KeyConditionExpressions must only contain one condition per key")
      }
      parts.append(part)
    }
    self.parts = parts
  }

  /// Reads the only expression of a request.
  ///
  /// - Throws: also if a name or value isn't used.
  package init(parsing text: String, names: [String: String]? = nil, values: AttributeMap? = nil) throws(ExpressionError) {
    var attributes = try ExpressionAttributes(names: names, values: values)
    self = try KeyConditionExpression(text, &attributes)
    try attributes.checkAllUsed()
  }

  /// What the expression asks of a table or an index with this key.
  ///
  /// - Throws: `invalidKeyCondition` if it doesn't ask for one value of the partition key, names another attribute than the key's, or
  ///   compares with a value that the key attribute can't have.
  package func condition(for schema: KeySchema) throws(ExpressionError) -> KeyCondition {
    let attributes = schema.attributes
    guard parts.count <= attributes.count else {
      throw ExpressionError(
        .invalidKeyCondition,
        "The number of query conditions (\(parts.count)) exceeds the number of key attributes defined in the schema (\(attributes.count))")
    }
    guard case .comparison(.equal, let hash) = try test(of: schema.hash) else {
      throw ExpressionError(.invalidKeyCondition, "Query key condition not supported")
    }
    guard parts.count > 1, let range = schema.range else { return KeyCondition(hash: hash.value, range: nil) }
    return KeyCondition(hash: hash.value, range: try test(of: range))
  }

  private func test(of attribute: KeySchema.Attribute) throws(ExpressionError) -> KeyTest {
    guard let part = parts.first(where: { UTF8Text.equal($0.attribute.text, attribute.name) }) else {
      throw ExpressionError(.invalidKeyCondition, "Query condition missed key schema element: \(attribute.name)")
    }
    try part.test.check(for: attribute)
    return part.test
  }
}

/// Which item collection a Query reads, and which part of it.
package struct KeyCondition: Sendable, Hashable {
  /// The value of the partition key.
  package let hash: AttributeValue
  /// What is asked of the sort key; nil takes the whole collection.
  package let range: KeyTest?
}

/// What a key condition asks of one key attribute.
package enum KeyTest: Sendable, Hashable {
  /// Any comparison but `<>`, the attribute on the left.
  case comparison(Comparator, ExpressionValue)
  /// Both bounds included.
  case between(ExpressionValue, ExpressionValue)
  case beginsWith(ExpressionValue)

  /// Whether a key attribute with this value passes.
  package func holds(of value: AttributeValue) -> Bool {
    condition(on: .value(ExpressionValue(placeholder: "", value: value))).evaluate(on: nil)
  }

  /// The test as a condition on `operand`.
  package func condition(on operand: Operand) -> Condition {
    switch self {
    case .comparison(let comparator, let value): .comparison(operand, comparator, .value(value))
    case .between(let lower, let upper): .between(operand, .value(lower), .value(upper))
    case .beginsWith(let prefix): .beginsWith(operand, .value(prefix))
    }
  }

  private var values: [ExpressionValue] {
    switch self {
    case .comparison(_, let value), .beginsWith(let value): [value]
    case .between(let lower, let upper): [lower, upper]
    }
  }

  fileprivate func check(for attribute: KeySchema.Attribute) throws(ExpressionError) {
    for value in values {
      guard value.value.type == AttributeType(attribute.type) else {
        throw ExpressionError(
          .invalidKeyCondition, "One or more parameter values were invalid: Condition parameter type does not match schema type")
      }
      guard value.value.type == .number || value.value.sizeInBytes > 0 else {
        throw ExpressionError(
          .invalidKeyCondition,
          "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
            + "\(attribute.type == .string ? "string" : "binary") value. Key: \(attribute.name)")
      }
    }
  }
}

extension Comparator {
  /// The comparison that says the same with its operands exchanged.
  fileprivate var exchanged: Comparator {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }
}

extension Condition {
  /// Hands out what AND joins, however deep.
  fileprivate func forEachPart(_ body: (Condition) throws(ExpressionError) -> Void) throws(ExpressionError) {
    guard case .and(let parts) = self else { return try body(self) }
    for part in parts { try part.forEachPart(body) }
  }

  /// The condition as a test of a key attribute.
  fileprivate func keyPart() throws(ExpressionError) -> KeyConditionExpression.Part {
    switch self {
    case .comparison(_, .notEqual, _): throw .invalidOperator("<>")
    case .comparison(let left, let comparator, let right):
      let (attribute, values) = try Self.attribute([left, right])
      // Both orders of operands are taken.
      guard case .path = left else { return .init(attribute: attribute, test: .comparison(comparator.exchanged, values[0])) }
      return .init(attribute: attribute, test: .comparison(comparator, values[0]))
    case .between(let operand, let lower, let upper):
      try Self.checkFirst(operand, "BETWEEN")
      let (attribute, values) = try Self.attribute([operand, lower, upper])
      return .init(attribute: attribute, test: .between(values[0], values[1]))
    case .beginsWith(let operand, let prefix):
      try Self.checkFirst(operand, "begins_with")
      let (attribute, values) = try Self.attribute([operand, prefix])
      return .init(attribute: attribute, test: .beginsWith(values[0]))
    case .isIn: throw .invalidOperator("IN")
    case .or: throw .invalidOperator("OR")
    case .not: throw .invalidOperator("NOT")
    case .attributeExists: throw .invalidOperator("attribute_exists")
    case .attributeNotExists: throw .invalidOperator("attribute_not_exists")
    case .attributeType: throw .invalidOperator("attribute_type")
    case .contains: throw .invalidOperator("contains")
    case .and: preconditionFailure("AND is taken apart before")
    }
  }

  private static func checkFirst(_ operand: Operand, _ name: String) throws(ExpressionError) {
    guard case .value = operand else { return }
    throw ExpressionError(
      .invalidKeyCondition,
      "Invalid condition in KeyConditionExpression: \(name) operator must have the key attribute as its first operand")
  }

  /// The only attribute among the operands, and the values beside it.
  private static func attribute(
    _ operands: [Operand]
  ) throws(ExpressionError) -> (DocumentPath.AttributeName, [ExpressionValue]) {
    var attribute: DocumentPath.AttributeName?
    var values: [ExpressionValue] = []
    for operand in operands {
      switch operand {
      case .value(let value): values.append(value)
      case .size: throw ExpressionError(.invalidKeyCondition, "KeyConditionExpressions cannot contain nested operations")
      case .path(let path):
        guard attribute == nil else {
          throw ExpressionError(
            .invalidKeyCondition, "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
        }
        guard path.isRoot else {
          throw ExpressionError(
            .invalidKeyCondition, in: .keyCondition, "KeyConditionExpressions cannot have conditions on nested attributes")
        }
        attribute = DocumentPath.AttributeName(path.root)
      }
    }
    guard let attribute else {
      throw ExpressionError(.invalidKeyCondition, "Invalid condition in KeyConditionExpression: No key attribute specified")
    }
    return (attribute, values)
  }
}

extension ExpressionError {
  fileprivate static func invalidOperator(_ name: String) -> ExpressionError {
    ExpressionError(.invalidKeyCondition, "Invalid operator used in KeyConditionExpression: \(name)")
  }
}
