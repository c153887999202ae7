package import DynamoDBModel

extension UpdateExpression {
  /// The item after the update; every operand is read from the item as it was.
  ///
  /// - Throws: `operandType` or `pathConflict` with the service's text, where it would refuse the update for what the item holds.
  package func applied(to item: Item) throws(ExpressionError) -> Item {
    var result = item
    // All values are found before anything is set: of what fails, the values come first.
    let values = try sets.map { (assignment) throws(ExpressionError) in (assignment.path, try assignment.value.evaluate(on: item)) }
    // What lies beyond a list's end is appended in the order of the indexes, whatever the order of the text.
    for (path, value) in values.sorted(by: { $0.0.lastIndex ?? 0 < $1.0.lastIndex ?? 0 }) {
      try result.set(value, at: path.elements[...])
    }
    // Elements of one list go from the back, so that the indexes of the others stay right.
    for path in removes.sorted(by: { $0.lastIndex ?? 0 > $1.lastIndex ?? 0 }) { try result.remove(path.elements[...]) }
    for change in adds {
      try result.set(Self.add(change.value.value, to: change.path.value(in: item)), at: change.path.elements[...])
    }
    for change in deletes {
      guard let there = change.path.value(in: item) else {
        try result.remove(change.path.elements[...])
        continue
      }
      if let rest = try Self.subtract(change.value.value, from: there) {
        try result.set(rest, at: change.path.elements[...])
      } else {
        try result.remove(change.path.elements[...])
      }
    }
    return result
  }

  private static func add(_ value: AttributeValue, to there: AttributeValue?) throws(ExpressionError) -> AttributeValue {
    switch (there, value) {
    case (nil, _): return value
    case (.number(let left)?, .number(let right)): return .number(try sum(left, right))
    case (.stringSet(let members)?, .stringSet(let more)): return .stringSet(members + more.filter { !members.contains($0) })
    case (.numberSet(let members)?, .numberSet(let more)): return .numberSet(members + more.filter { !members.contains($0) })
    case (.binarySet(let members)?, .binarySet(let more)): return .binarySet(members + more.filter { !members.contains($0) })
    default: throw .wrongOperand
    }
  }

  /// What is left of a set; nil if nothing is.
  private static func subtract(_ value: AttributeValue, from there: AttributeValue) throws(ExpressionError) -> AttributeValue? {
    switch (there, value) {
    case (.stringSet(let members), .stringSet(let gone)):
      let rest = members.filter { !gone.contains($0) }
      return rest.isEmpty ? nil : .stringSet(rest)
    case (.numberSet(let members), .numberSet(let gone)):
      let rest = members.filter { !gone.contains($0) }
      return rest.isEmpty ? nil : .numberSet(rest)
    case (.binarySet(let members), .binarySet(let gone)):
      let rest = members.filter { !gone.contains($0) }
      return rest.isEmpty ? nil : .binarySet(rest)
    default: throw .wrongOperand
    }
  }

  fileprivate static func sum(
    _ left: DynamoDBNumber, _ right: DynamoDBNumber, isDifference: Bool = false
  ) throws(ExpressionError) -> DynamoDBNumber {
    do {
      return isDifference ? try left.subtracting(right) : try left.adding(right)
    } catch {
      throw .unstorable(error, isTiny: left.decimal.exponent + left.decimal.digits < 0)
    }
  }
}

extension UpdateExpression.Value {
  fileprivate func evaluate(on item: Item) throws(ExpressionError) -> AttributeValue {
    switch self {
    case .value(let value): return value.value
    case .path(let path):
      guard let value = path.value(in: item) else {
        throw ExpressionError(.operandType, "The provided expression refers to an attribute that does not exist in the item")
      }
      return value
    case .ifNotExists(let path, let value):
      if let there = path.value(in: item) { return there }
      return try value.evaluate(on: item)
    case .sum(let left, let right):
      let (left, right) = try Self.numbers(left, right, item)
      return .number(try UpdateExpression.sum(left, right))
    case .difference(let left, let right):
      let (left, right) = try Self.numbers(left, right, item)
      return .number(try UpdateExpression.sum(left, right, isDifference: true))
    case .listAppend(let left, let right):
      guard case .list(let head) = try left.evaluate(on: item), case .list(let tail) = try right.evaluate(on: item) else {
        throw .wrongOperand
      }
      return .list(head + tail)
    }
  }

  private static func numbers(_ left: Self, _ right: Self, _ item: Item) throws(ExpressionError) -> (DynamoDBNumber, DynamoDBNumber) {
    guard case .number(let left) = try left.evaluate(on: item), case .number(let right) = try right.evaluate(on: item) else {
      throw .wrongOperand
    }
    return (left, right)
  }
}

extension ExpressionError {
  fileprivate static var wrongOperand: ExpressionError {
    ExpressionError(.operandType, "An operand in the update expression has an incorrect data type")
  }

  fileprivate static var wrongPath: ExpressionError {
    ExpressionError(.pathConflict, "The document path provided in the update expression is invalid for update")
  }
}

extension DocumentPath {
  fileprivate var lastIndex: Int? { if case .index(let index)? = elements.last { index } else { nil } }
}

extension AttributeMap {
  fileprivate mutating func set(_ value: AttributeValue, at path: ArraySlice<DocumentPath.Element>) throws(ExpressionError) {
    guard case .attribute(let name)? = path.first else { throw .wrongPath }
    guard path.count > 1 else {
      self[name.text] = value
      return
    }
    guard var inner = self[name.text] else { throw .wrongPath }
    try inner.set(value, at: path.dropFirst())
    self[name.text] = inner
  }

  fileprivate mutating func remove(_ path: ArraySlice<DocumentPath.Element>) throws(ExpressionError) {
    guard case .attribute(let name)? = path.first else { throw .wrongPath }
    guard path.count > 1 else {
      self[name.text] = nil
      return
    }
    guard var inner = self[name.text] else { throw .wrongPath }
    try inner.remove(path.dropFirst())
    self[name.text] = inner
  }
}

extension AttributeValue {
  fileprivate mutating func set(_ value: AttributeValue, at path: ArraySlice<DocumentPath.Element>) throws(ExpressionError) {
    switch (path.first, self) {
    case (.attribute?, .map(var map)):
      try map.set(value, at: path)
      self = .map(map)
    case (.index(let index)?, .list(var list)):
      if path.count > 1 {
        guard index < list.count else { throw .wrongPath }
        try list[index].set(value, at: path.dropFirst())
      } else if index < list.count {
        list[index] = value
      } else {
        list.append(value)
      }
      self = .list(list)
    default: throw .wrongPath
    }
  }

  /// Takes away what stands at the end of the path; nothing may stand there, but what it would stand in must be there.
  fileprivate mutating func remove(_ path: ArraySlice<DocumentPath.Element>) throws(ExpressionError) {
    switch (path.first, self) {
    case (.attribute?, .map(var map)):
      try map.remove(path)
      self = .map(map)
    case (.index(let index)?, .list(var list)):
      if path.count > 1 {
        guard index < list.count else { throw .wrongPath }
        try list[index].remove(path.dropFirst())
      } else if index < list.count {
        list.remove(at: index)
      }
      self = .list(list)
    default: throw .wrongPath
    }
  }
}
