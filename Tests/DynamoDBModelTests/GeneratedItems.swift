import DynamoDBModel

/// Items made from a seed, of every type, with awkward text, and their wire form written in awkward ways.
struct GeneratedItems {
  var random: Seeded

  init(seed: UInt64) { random = Seeded(seed) }

  static let names = [
    "id", "a", "b", "profile", "e\u{301}", "é", "日本", "with \"quote\"", "back\\slash", "tab\t", "nul\u{0}", "😀", "_dt", "S", "M",
    "a name that is rather long, over sixteen", "a name that is so long that no lead can hold it, whatever the type is",
  ]
  static let texts = [
    "", "x", "quote\"", "\\", "\u{0}\u{1F}", "é", "e\u{301}", "日本語のテキスト", "😀😀", "a/b", "line\nline\r\n",
    "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}",
    "fifteen bytes..", "sixteen bytes...", "seventeen bytes..", "thirty-two bytes, neither more..", String(repeating: "long ", count: 40),
    "\u{10FFFF}",
  ]
  static let numbers = [
    "0", "-0", "1", "1.0", "10", "1e1", "007", "+5", ".5", "-.5", "5.", "1E-130", "9.99e125", "12345678901234567", "0.00012", "-17",
    "3.1415926535",
    "99999999999999999999999999999999999999", "100000000000000000000000000000000000000000", "1e-5", "0e0", "1234567890123456",
  ]

  mutating func item() -> Item {
    var item = Item()
    for _ in 0..<random.below(random.chance(5) ? 40 : 8) { item[name()] = value(depth: 0) }
    return item
  }

  private mutating func name() -> String {
    random.chance(80) ? random.pick(Self.names) : "n\(random.below(60))"
  }

  private mutating func number() -> DynamoDBNumber {
    if random.chance(50), let number = try? DynamoDBNumber(random.pick(Self.numbers)) { return number }
    return DynamoDBNumber(Int(truncatingIfNeeded: random.next()) >> Int(random.below(64)))
  }

  private mutating func binary() -> [UInt8] { (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) } }

  private mutating func value(depth: Int) -> AttributeValue {
    switch random.below(depth < 4 ? 12 : 9) {
    case 0, 1: return .string(random.pick(Self.texts))
    case 2: return .number(number())
    case 3: return .binary(binary())
    case 4: return .bool(random.chance(50))
    case 5: return .null
    case 6:
      return .stringSet(
        distinct {
          Array($0.utf8)
        } _: {
          $0.random.pick(Self.texts)
        })
    case 7:
      return .numberSet(
        distinct {
          $0
        } _: {
          $0.number()
        })
    case 8:
      return .binarySet(
        distinct {
          $0
        } _: {
          $0.binary()
        })
    case 9: return .list((0..<random.below(5)).map { _ in value(depth: depth + 1) })
    default:
      var map = AttributeMap()
      for _ in 0..<random.below(5) { map[name()] = value(depth: depth + 1) }
      return .map(map)
    }
  }

  private mutating func distinct<T, Key: Hashable>(_ key: (T) -> Key, _ make: (inout GeneratedItems) -> T) -> [T] {
    var keys = Set<Key>()
    var members: [T] = []
    for _ in 0..<1 + random.below(random.chance(10) ? 30 : 4) {
      let member = make(&self)
      if keys.insert(key(member)).inserted { members.append(member) }
    }
    return members
  }

  /// The wire form with blanks between tokens and characters as escapes, here and there.
  mutating func awkward(_ wire: String) -> [UInt8] {
    let blanks = random.chance(50)
    let escapes = random.chance(50)
    var out: [UInt8] = []
    var inText = false
    var isEscaped = false
    for scalar in wire.unicodeScalars {
      if !inText, blanks, random.chance(30) { out.append(random.pick([0x20, 0x0A, 0x0D, 0x09])) }
      if inText, !isEscaped, escapes, scalar != "\"", scalar != "\\", random.chance(15) {
        for unit in String(Character(scalar)).utf16 {
          var hex = String(unit, radix: 16, uppercase: random.chance(50))
          while hex.count < 4 { hex = "0" + hex }
          out += Array("\\u\(hex)".utf8)
        }
        continue
      }
      out += Array(String(Character(scalar)).utf8)
      if scalar == "\"" && !isEscaped { inText.toggle() }
      isEscaped = inText && scalar == "\\" && !isEscaped
    }
    return out
  }

  /// The bytes with a few of them changed, taken out, doubled or swapped for JSON's own.
  mutating func damaged(_ wire: [UInt8]) -> [UInt8] {
    var bytes = wire
    for _ in 0...random.below(3) where !bytes.isEmpty {
      let place = random.below(bytes.count)
      switch random.below(8) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(bytes[place], at: place)
      case 3: bytes[place] = random.pick(Array("{}[]:,\"\\u0SNMLBe. ".utf8))
      case 4: bytes.removeLast(random.below(bytes.count))
      case 5: swap("{\"M\":{", "{\"L\":[", &bytes, from: place)
      case 6: swap("{\"L\":[", "{\"M\":{", &bytes, from: place)
      default:
        let start = random.below(bytes.count)
        let end = min(bytes.count, start + random.below(20))
        bytes.insert(contentsOf: bytes[start..<end], at: place)
      }
    }
    return bytes
  }

  /// Writes `new` over the first `old` behind `place`; both have one length.
  private func swap(_ old: String, _ new: String, _ bytes: inout [UInt8], from place: Int) {
    let (old, new) = (Array(old.utf8), Array(new.utf8))
    guard bytes.count >= old.count else { return }
    for start in min(place, bytes.count - old.count)...bytes.count - old.count where bytes[start...].starts(with: old) {
      return bytes.replaceSubrange(start..<start + new.count, with: new)
    }
  }
}
