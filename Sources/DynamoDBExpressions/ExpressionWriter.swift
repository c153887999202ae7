package import DynamoDBModel

/// Writes the expressions of one request, every name and value by an alias of its own: no reserved word, and no clash with what is added.
///
/// Names and values come into being as expressions use them, so that none is left over that the service would refuse. The text is as
/// short as can be: what the caller could send by himself should still fit.
package struct ExpressionWriter: Sendable {
  private var names: [DocumentPath.AttributeName: String] = [:]
  private var placeholders: [String: String] = [:]
  private var values = AttributeMap()

  package init() {}

  /// `ExpressionAttributeNames` of what was written; nil if there are none.
  package var attributeNames: [String: String]? {
    names.isEmpty ? nil : Dictionary(uniqueKeysWithValues: names.map { ($0.value, $0.key.text) })
  }

  /// `ExpressionAttributeValues` of what was written; nil if there are none.
  package var attributeValues: AttributeMap? { values.isEmpty ? nil : values }

  // MARK: - Expressions

  /// The condition's text.
  package mutating func write(_ condition: Condition) -> String {
    switch condition {
    case .comparison(let left, let comparator, let right): "\(write(left))\(comparator.rawValue)\(write(right))"
    case .between(let operand, let lower, let upper): "\(write(operand)) BETWEEN \(write(lower)) AND \(write(upper))"
    case .isIn(let operand, let list): "\(write(operand)) IN (\(list.map { write($0) }.joined(separator: ",")))"
    case .attributeExists(let path): "attribute_exists(\(write(path)))"
    case .attributeNotExists(let path): "attribute_not_exists(\(write(path)))"
    case .attributeType(let operand, let type): "attribute_type(\(write(operand)),\(write(type)))"
    case .beginsWith(let operand, let prefix): "begins_with(\(write(operand)),\(write(prefix)))"
    case .contains(let operand, let part): "contains(\(write(operand)),\(write(part)))"
    case .and(let parts): parts.map { write($0, within: .and) }.joined(separator: " AND ")
    case .or(let parts): parts.map { write($0, within: .or) }.joined(separator: " OR ")
    case .not(let part): "NOT \(write(part, within: .not))"
    }
  }

  /// The update's text.
  package mutating func write(_ update: UpdateExpression) -> String {
    let sections = [
      ("SET", update.sets.map { "\(write($0.path))=\(write($0.value))" }),
      ("REMOVE", update.removes.map { write($0) }),
      ("ADD", update.adds.map { "\(write($0.path)) \(write($0.value))" }),
      ("DELETE", update.deletes.map { "\(write($0.path)) \(write($0.value))" }),
    ]
    return sections.filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.joined(separator: ","))" }.joined(separator: " ")
  }

  /// The projection's text.
  package mutating func write(_ projection: ProjectionExpression) -> String {
    projection.paths.map { write($0) }.joined(separator: ",")
  }

  /// The key condition's text.
  package mutating func write(_ expression: KeyConditionExpression) -> String {
    write(.and(expression.parts.map { $0.test.condition(on: .path(DocumentPath(elements: [.attribute($0.attribute)]))) }))
  }

  // MARK: - Parts

  private enum Context { case and, or, not }

  /// A part in parentheses where it binds less than what it stands in.
  private mutating func write(_ part: Condition, within context: Context) -> String {
    let needed =
      switch (context, part) {
      case (.and, .or), (.not, .or), (.not, .and), (.not, .not): true
      default: false
      }
    return needed ? "(\(write(part)))" : write(part)
  }

  private mutating func write(_ operand: Operand) -> String {
    switch operand {
    case .path(let path): write(path)
    case .value(let value): write(value)
    case .size(let operand): "size(\(write(operand)))"
    }
  }

  private mutating func write(_ value: UpdateExpression.Value) -> String {
    switch value {
    case .path(let path): write(path)
    case .value(let value): write(value)
    case .sum(let left, let right): "\(writeOperand(left))+\(writeOperand(right))"
    case .difference(let left, let right): "\(writeOperand(left))-\(writeOperand(right))"
    case .ifNotExists(let path, let value): "if_not_exists(\(write(path)),\(writeOperand(value)))"
    case .listAppend(let left, let right): "list_append(\(writeOperand(left)),\(writeOperand(right)))"
    }
  }

  /// A sum where only one operand may stand.
  private mutating func writeOperand(_ value: UpdateExpression.Value) -> String {
    switch value {
    case .sum, .difference: "(\(write(value)))"
    default: write(value)
    }
  }

  private mutating func write(_ path: DocumentPath) -> String {
    var text = ""
    for element in path.elements {
      switch element {
      case .attribute(let name): text += (text.isEmpty ? "" : ".") + alias(of: name)
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }

  private mutating func alias(of name: DocumentPath.AttributeName) -> String {
    if let alias = names[name] { return alias }
    let alias = "#_\(names.count)"
    names[name] = alias
    return alias
  }

  private mutating func write(_ value: ExpressionValue) -> String {
    if let alias = placeholders[value.placeholder] { return alias }
    let alias = ":_\(placeholders.count)"
    placeholders[value.placeholder] = alias
    values[alias] = value.value
    return alias
  }
}
