package import DynamoDBModel

extension Condition {
  /// Whether the condition holds of `item`, as the service would say; of no item it says what it says of an empty one.
  ///
  /// Nothing is an error here: an operand that isn't there, or is of a type that the operator doesn't take, makes the comparison false,
  /// and `<>` true.
  package func evaluate(on item: Item?) -> Bool {
    let item = item ?? Item()
    switch self {
    case .comparison(let left, let comparator, let right):
      return Self.compare(left.value(in: item), comparator, right.value(in: item))
    case .between(let operand, let lower, let upper):
      let value = operand.value(in: item)
      return Self.compare(value, .greaterOrEqual, lower.value(in: item)) && Self.compare(value, .lessOrEqual, upper.value(in: item))
    case .isIn(let operand, let list):
      let value = operand.value(in: item)
      return list.contains { Self.compare(value, .equal, $0.value(in: item)) }
    case .attributeExists(let path): return path.value(in: item) != nil
    case .attributeNotExists(let path): return path.value(in: item) == nil
    case .attributeType(let operand, let type):
      guard let value = operand.value(in: item), let name = type.value.stringValue else { return false }
      return "\(value.type.name)" == name
    case .beginsWith(let operand, let prefix):
      switch (operand.value(in: item), prefix.value(in: item)) {
      case (.string(let text)?, .string(let prefix)?): return text.utf8.starts(with: prefix.utf8)
      case (.binary(let bytes)?, .binary(let prefix)?): return bytes.starts(with: prefix)
      default: return false
      }
    case .contains(let operand, let part):
      guard let container = operand.value(in: item), let part = part.value(in: item) else { return false }
      return Self.contains(container, part)
    case .and(let parts): return parts.allSatisfy { $0.evaluate(on: item) }
    case .or(let parts): return parts.contains { $0.evaluate(on: item) }
    case .not(let part): return !part.evaluate(on: item)
    }
  }

  private static func compare(_ left: AttributeValue?, _ comparator: Comparator, _ right: AttributeValue?) -> Bool {
    // What isn't there equals nothing, not even another absence.
    guard let left, let right else { return comparator == .notEqual }
    switch comparator {
    case .equal: return left == right
    case .notEqual: return left != right
    case .less: return order(left, right).map { $0 < 0 } ?? false
    case .lessOrEqual: return order(left, right).map { $0 <= 0 } ?? false
    case .greater: return order(left, right).map { $0 > 0 } ?? false
    case .greaterOrEqual: return order(left, right).map { $0 >= 0 } ?? false
    }
  }

  /// Less than, equal to or more than zero as `left` comes before, with or after `right`; nil where the two have no order.
  ///
  /// Strings go by their UTF-8 bytes, binaries by unsigned bytes.
  package static func order(_ left: AttributeValue, _ right: AttributeValue) -> Int? {
    switch (left, right) {
    case (.number(let left), .number(let right)): left < right ? -1 : left == right ? 0 : 1
    case (.string(let left), .string(let right)): UTF8Text.less(left, right) ? -1 : UTF8Text.equal(left, right) ? 0 : 1
    case (.binary(let left), .binary(let right)): left.lexicographicallyPrecedes(right) ? -1 : left == right ? 0 : 1
    default: nil
    }
  }

  private static func contains(_ container: AttributeValue, _ part: AttributeValue) -> Bool {
    switch (container, part) {
    case (.string(let text), .string(let part)): contains(Array(text.utf8), Array(part.utf8))
    case (.binary(let bytes), .binary(let part)): contains(bytes, part)
    case (.list(let values), let part): values.contains(part)
    case (.stringSet(let members), .string(let part)): members.contains { UTF8Text.equal($0, part) }
    case (.numberSet(let members), .number(let part)): members.contains(part)
    case (.binarySet(let members), .binary(let part)): members.contains(part)
    default: false
    }
  }

  private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    guard part.count <= bytes.count else { return false }
    return (0...(bytes.count - part.count)).contains { bytes[$0...].starts(with: part) }
  }
}

extension Operand {
  /// The value to compare; nil where the path leads nowhere or the value has no size.
  internal func value(in item: Item) -> AttributeValue? {
    switch self {
    case .path(let path): path.value(in: item)
    case .value(let value): value.value
    case .size(let operand): operand.value(in: item)?.size.map { .number(DynamoDBNumber($0)) }
    }
  }
}

extension AttributeValue {
  /// What `size()` says: UTF-16 units of text (the service counts as Java does), bytes of a binary, members of anything else that has any.
  internal var size: Int? {
    switch self {
    case .string(let text): text.utf16.count
    case .binary(let bytes): bytes.count
    case .list(let values): values.count
    case .map(let map): map.count
    case .stringSet(let members): members.count
    case .numberSet(let members): members.count
    case .binarySet(let members): members.count
    case .number, .bool, .null: nil
    }
  }
}
