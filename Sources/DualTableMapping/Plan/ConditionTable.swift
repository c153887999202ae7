import DynamoDBModel

/// A block's conditions as they are asked of bytes, as plain codes: to look at a condition itself counts references, which for one that
/// hardly ever holds was a tenth of a whole conversion.
struct ConditionTable: Sendable {
  /// One condition; behind those that join others come these, up to `end`.
  enum Code: BitwiseCopyable {
    case all(end: Int32)
    case any(end: Int32)
    case not(end: Int32)
    case equalsText(slot: Int32, ByteRange)
    case exists(slot: Int32)
    case isType(slot: Int32, AttributeType)
    /// Any other condition on one value, which is asked as a value.
    case onValue(slot: Int32, Int32)
  }

  private(set) var codes: [Code] = []
  private(set) var texts = ByteTable()
  private(set) var onValues: [Condition<Int>] = []

  /// Adds a condition; returns where its codes begin.
  mutating func add(_ condition: Condition<Int>) -> Int {
    let start = codes.count
    codes.append(.not(end: 0))
    switch condition {
    case .all(let conditions):
      for condition in conditions { _ = add(condition) }
      codes[start] = .all(end: Int32(codes.count))
    case .any(let conditions):
      for condition in conditions { _ = add(condition) }
      codes[start] = .any(end: Int32(codes.count))
    case .not(let condition):
      _ = add(condition)
      codes[start] = .not(end: Int32(codes.count))
    case .equals(let slot, .string(let text)): codes[start] = .equalsText(slot: Int32(slot), texts.add(Array(text.utf8)))
    case .exists(let slot): codes[start] = .exists(slot: Int32(slot))
    case .isType(let slot, let type): codes[start] = .isType(slot: Int32(slot), type)
    case .equals(let slot, _), .isIn(let slot, _), .less(let slot, _), .greater(let slot, _), .matches(let slot, _):
      codes[start] = .onValue(slot: Int32(slot), Int32(onValues.count))
      onValues.append(condition)
    }
    return start
  }

  /// Where the condition behind the one at `index` begins.
  func end(of index: Int) -> Int {
    switch codes[index] {
    case .all(let end), .any(let end), .not(let end): Int(end)
    default: index + 1
    }
  }
}
