import DynamoDBModel

/// Makes items that a mapping has something to do with: its own names at every level, values it wants and awkward others.
struct ItemGenerator {
  var random: SeededGenerator
  /// Names that the mapping under test reads or writes.
  let names: [String]
  /// Those whose values are mostly lists of maps.
  var listNames: [String] = []

  static let texts = [
    "", "x", "test", "Y", "N", "a#b", "#", "true", "0", "7", "42", "-3.5", "007", "1e2", "1.50", "99999999999999999999999999999999999999",
    "2024-02-29T12:34:56Z", "2024-02-29T12:34:56.5Z", "2024-02-29T12:34:56.500Z", "1969-12-31T23:59:59+01:00", "ÄÖ😀", "e\u{301}",
    "quote\"back\\slash\n\u{1}", "USER#t#1", "USER#1", "ORDER#9", "{\"a\":[1,null,\"x\"]}", "YWJj", "a/b",
  ]
  static let numbers = [
    "0", "1", "-1", "2", "42", "1700000000", "1700000000123", "-62167219200", "253402300799", "253402300800", "1.5", "1e2", "100", "1.50",
    "12345678901234567890123456789012345678", "1E-130", "9.9e125",
  ]

  mutating func item(key: [(String, AttributeValue)]) -> Item {
    var item = Item()
    for (name, value) in key { item[name] = value }
    for _ in 0..<Int.random(in: 0...8, using: &random) {
      let name = name()
      if item[name] == nil { item[name] = value(named: name, depth: 0) }
    }
    return item
  }

  mutating func name() -> String {
    random.chance(80)
      ? random.pick(names) : random.pick(["other", "x", "a.b", "name with \"quotes\"", "très long nom d’attribut", "e\u{301}"])
  }

  /// An item of the same shape with other values, but for the attributes named in `key`.
  mutating func alike(_ item: Item, key: [String]) -> Item {
    var other = Item()
    for (name, value) in item { other[name] = key.contains(name) ? value : alike(value) }
    return other
  }

  private mutating func alike(_ value: AttributeValue) -> AttributeValue {
    switch value {
    case .string: return .string(random.pick(Self.texts))
    case .number(let number): return (try? DynamoDBNumber(random.pick(Self.numbers))).map { .number($0) } ?? .number(number)
    case .bool: return .bool(random.chance(50))
    case .binary: return .binary(Array(random.pick(Self.texts).utf8))
    case .list(let elements):
      var others: [AttributeValue] = []
      for element in elements { others.append(alike(element)) }
      return .list(others)
    case .map(let members): return .map(alike(members, key: []))
    default: return value
    }
  }

  private mutating func value(named name: String, depth: Int) -> AttributeValue {
    guard listNames.contains(name), depth < 3, random.chance(85) else { return value(depth: depth) }
    return .list((0..<Int.random(in: 0...3, using: &random)).map { _ in .map(map(depth: depth + 1)) })
  }

  mutating func value(depth: Int) -> AttributeValue {
    switch Int.random(in: 0..<(depth < 3 ? 14 : 8), using: &random) {
    case 0, 1, 2: .string(random.pick(Self.texts))
    case 3, 4: (try? DynamoDBNumber(random.pick(Self.numbers))).map { .number($0) } ?? .null
    case 5: .bool(random.chance(50))
    case 6: .null
    case 7: random.chance(50) ? .binary(Array(random.pick(Self.texts).utf8)) : set()
    case 8, 9: .list((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth + 1) })
    default: .map(map(depth: depth + 1))
    }
  }

  private mutating func map(depth: Int) -> AttributeMap {
    var map = AttributeMap()
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let name = name()
      map[name] = value(named: name, depth: depth)
    }
    return map
  }

  private mutating func set() -> AttributeValue {
    switch Int.random(in: 0..<3, using: &random) {
    case 0: .stringSet(random.chance(50) ? ["b", "a", "é"] : ["x"])
    case 1: .numberSet([10, 9, -1])
    default: .binarySet([[2], [1, 1], []])
    }
  }
}
