internal import DynamoDBClient
internal import DynamoDBModel

/// Draws values of every type, with a liking for those that break careless code. One seed draws the same values forever.
struct ValueDrawing {
  private var generator: SeededGenerator

  /// - Parameter stream: items with other numbers draw other values from the same seed.
  init(seed: UInt64, stream: UInt64) {
    var mixer = SeededGenerator(seed: seed)
    generator = SeededGenerator(seed: mixer.next() ^ (stream &* 0x9E37_79B9_7F4A_7C15))
  }

  mutating func below(_ bound: Int) -> Int { generator.below(bound) }
  mutating func chance(oneIn bound: Int) -> Bool { generator.below(bound) == 0 }
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[generator.below(elements.count)] }
  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) } }
  mutating func digits(_ count: Int) -> String { String(1 + below(9)) + (1..<max(count, 1)).map { _ in String(below(10)) }.joined() }

  /// Attribute names that need escaping, quoting, comparing byte by byte, or a second look.
  static let names = [
    "note", "Größe", "a.b", "x[0]", "#hash", ":colon", "quote\"s", "back\\slash", " padded ", "日本語", "null", "S", "M", "NULL", "Item",
    "__type",
    "e\u{301}", "\u{E9}", "🙂", "new\nline", "constructor", "size", "0", "-", "TableName", "very-long-" + String(repeating: "n", count: 90),
  ]

  private static let words = [
    "alpha", "Beta", "ß", "naïve", "日本", "🙂", "e\u{301}", "\u{E9}", "0", "007", "1e2", "true", "null", "\"", "\\", "\\u0000", "\u{0}",
    "\u{1F}", "\u{7F}", "\u{2028}", "\u{FEFF}", "\u{202E}abc", "{\"S\":\"x\"}", "</script>", "' OR 1=1", "\n", "\t", "👩‍👩‍👧‍👦", "\u{10FFFF}", "ﬀ",
  ]

  mutating func text(words count: Int) -> String { (0..<count).map { _ in pick(Self.words) }.joined(separator: " ") }

  /// Letters and digits only.
  mutating func token() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    return String((0..<1 + below(12)).map { _ in pick(letters) })
  }

  /// Plain text of so many bytes.
  mutating func filler(bytes count: Int) -> String {
    var text = ""
    while text.utf8.count < count { text += pick(["lorem", "ipsum", "dolor", "sit", "amet", "äöü", "—", "consectetur"]) + " " }
    while text.utf8.count > count { text.removeLast() }
    return text
  }

  private static let numberTexts = [
    "0", "1", "-1", "1.50", "1e2", "0.1", "-0.001", "9007199254740993", "18446744073709551616", "12345678901234567890123456789012345678",
    "-12345678901234567890123456789012345678", "1e-130", "-1E-130", "9.9999999999999999999999999999999999999E+125",
    "-9.9999999999999999999999999999999999999E+125", "100", "1E+2", "3.1415926535897932384626433832795028841",
  ]

  mutating func number() -> DynamoDBNumber {
    let text = chance(oneIn: 2) ? pick(Self.numberTexts) : "\(chance(oneIn: 3) ? "-" : "")\(digits(1 + below(9)))"
    guard let number = try? DynamoDBNumber(text) else { preconditionFailure("\(text) is a number") }
    return number
  }

  /// A value of any type, nested at most `depth` levels deep.
  mutating func value(depth: Int = 3) -> AttributeValue {
    switch below(depth > 0 ? 13 : 9) {
    case 0, 1: return .string(text(words: below(5)))
    case 2, 3: return .number(number())
    case 4: return .bool(chance(oneIn: 2))
    case 5: return .null
    case 6: return .binary(bytes(chance(oneIn: 4) ? 0 : below(24)))
    case 7: return .stringSet(distinct(1 + below(4)) { $0.text(words: 1 + $0.below(2)) + String($1) })
    case 8:
      if chance(oneIn: 2) { return .binarySet(distinct(1 + below(3)) { [UInt8($1)] + $0.bytes($0.below(6)) }) }
      return .numberSet(distinct(1 + below(4)) { DynamoDBNumber(($0.below(1_000) * 10 + $1) * ($1 % 2 == 0 ? 1 : -1)) })
    case 9, 10: return .list((0..<below(4)).map { _ in value(depth: depth - 1) })
    default: return .map(map(depth: depth - 1))
    }
  }

  mutating func map(depth: Int) -> AttributeMap {
    var map = AttributeMap()
    for _ in 0..<below(4) { map[pick(Self.names)] = value(depth: depth) }
    return map
  }

  /// A scalar under as many lists and maps as an item may have.
  mutating func deepValue() -> AttributeValue {
    var value = AttributeValue.string(text(words: 1))
    for _ in 0..<29 { value = chance(oneIn: 2) ? .list([value]) : .map(["d": value]) }
    return value
  }

  /// Elements that differ by their number, which `make` puts in.
  mutating func distinct<Element>(_ count: Int, _ make: (inout ValueDrawing, Int) -> Element) -> [Element] {
    (0..<count).map { make(&self, $0) }
  }
}
