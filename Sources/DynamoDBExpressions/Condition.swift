package import DynamoDBModel

/// The six comparisons; the raw value is how they are written.
package enum Comparator: String, Sendable, Hashable, CaseIterable {
  case equal = "="
  case notEqual = "<>"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="

  /// True for the four that need an order, and so strings, numbers or binaries.
  package var needsOrder: Bool { self != .equal && self != .notEqual }
}

/// What is compared: something in the item, a value of the request, or the size of either.
package indirect enum Operand: Sendable, Hashable {
  case path(DocumentPath)
  case value(ExpressionValue)
  case size(Operand)
}

/// A value of the request, with the placeholder that the caller gave it.
package struct ExpressionValue: Sendable, Hashable {
  /// `:name`.
  package let placeholder: String
  package let value: AttributeValue

  package init(placeholder: String, value: AttributeValue) {
    self.placeholder = placeholder
    self.value = value
  }
}

/// A condition on an item, as a tree: what condition, filter and key condition expressions parse to.
package indirect enum Condition: Sendable, Hashable {
  case comparison(Operand, Comparator, Operand)
  case between(Operand, Operand, Operand)
  case isIn(Operand, [Operand])
  case attributeExists(DocumentPath)
  case attributeNotExists(DocumentPath)
  case attributeType(Operand, ExpressionValue)
  case beginsWith(Operand, Operand)
  case contains(Operand, Operand)
  /// All of them; at least one.
  case and([Condition])
  /// Any of them; at least one.
  case or([Condition])
  case not(Condition)

  /// Every path in the condition, from left to right.
  package var paths: [DocumentPath] {
    switch self {
    case .comparison(let left, _, let right), .beginsWith(let left, let right), .contains(let left, let right): left.paths + right.paths
    case .between(let operand, let lower, let upper): operand.paths + lower.paths + upper.paths
    case .isIn(let operand, let list): operand.paths + list.flatMap(\.paths)
    case .attributeExists(let path), .attributeNotExists(let path): [path]
    case .attributeType(let operand, _): operand.paths
    case .and(let parts), .or(let parts): parts.flatMap(\.paths)
    case .not(let part): part.paths
    }
  }

  /// True if no item with these key attributes can satisfy the condition, as `attribute_not_exists(<key>)`: it asks for absence.
  ///
  /// False where that would take more than a look at which attributes must exist.
  package func isFalseOfEveryItem(with keyAttributes: [String]) -> Bool {
    switch self {
    case .attributeNotExists(let path): path.isRoot && keyAttributes.contains { UTF8Text.equal($0, path.root) }
    case .not(let part): part.isTrueOfEveryItem(with: keyAttributes)
    case .and(let parts): parts.contains { $0.isFalseOfEveryItem(with: keyAttributes) }
    case .or(let parts): parts.allSatisfy { $0.isFalseOfEveryItem(with: keyAttributes) }
    default: false
    }
  }

  private func isTrueOfEveryItem(with keyAttributes: [String]) -> Bool {
    switch self {
    case .attributeExists(let path): path.isRoot && keyAttributes.contains { UTF8Text.equal($0, path.root) }
    case .not(let part): part.isFalseOfEveryItem(with: keyAttributes)
    case .and(let parts): parts.allSatisfy { $0.isTrueOfEveryItem(with: keyAttributes) }
    case .or(let parts): parts.contains { $0.isTrueOfEveryItem(with: keyAttributes) }
    default: false
    }
  }
}

extension Operand {
  /// The paths in it: none or one.
  package var paths: [DocumentPath] {
    switch self {
    case .path(let path): [path]
    case .value: []
    case .size(let operand): operand.paths
    }
  }
}
