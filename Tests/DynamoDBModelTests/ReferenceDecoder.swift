import DynamoDBModel

/// The wire's rules once more, written the slow and obvious way, to hold the real reader against: byte by byte into a tree, one function a
/// rule, nothing shared with the sources but the values themselves.
struct ReferenceDecoder {
  struct Refused: Error {}

  private let bytes: [UInt8]
  private var at = 0

  /// The item, or nil where it must be refused.
  static func item(_ bytes: [UInt8]) -> Item? {
    var decoder = ReferenceDecoder(bytes: bytes)
    guard let item = try? decoder.map(level: 1) else { return nil }
    decoder.blanks()
    return decoder.at == bytes.count ? item : nil
  }

  private mutating func blanks() {
    while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    blanks()
    guard at < bytes.count, bytes[at] == character.asciiValue else { return false }
    at += 1
    return true
  }

  private mutating func need(_ character: Character) throws(Refused) {
    guard take(character) else { throw Refused() }
  }

  private mutating func word(_ word: String) -> Bool {
    blanks()
    guard bytes[at...].starts(with: word.utf8) else { return false }
    at += word.utf8.count
    return true
  }

  private mutating func map(level: Int) throws(Refused) -> AttributeMap {
    guard level <= 32 else { throw Refused() }
    try need("{")
    var entries: [(name: String, value: AttributeValue)] = []
    if take("}") { return AttributeMap() }
    repeat {
      let name = try text()
      if name.isEmpty || entries.contains(where: { Array($0.name.utf8) == Array(name.utf8) }) { throw Refused() }
      try need(":")
      entries.append((name, try value(level: level)))
    } while take(",")
    try need("}")
    return AttributeMap(entries)
  }

  private mutating func value(level: Int) throws(Refused) -> AttributeValue {
    try need("{")
    let type = try text()
    try need(":")
    let value: AttributeValue
    switch type {
    case "S": value = .string(try text())
    case "N": value = .number(try number())
    case "B": value = .binary(try binary())
    case "BOOL":
      if word("true") { value = true } else if word("false") { value = false } else { throw Refused() }
    case "NULL":
      guard word("true") else { throw Refused() }
      value = .null
    case "M": value = .map(try map(level: level + 1))
    case "L":
      guard level < 32 else { throw Refused() }
      value = .list(try array { decoder throws(Refused) in try decoder.value(level: level + 1) })
    case "SS": value = .stringSet(try set(array { decoder throws(Refused) in try decoder.text() }) { Array($0.utf8) })
    case "NS": value = .numberSet(try set(array { decoder throws(Refused) in try decoder.number() }) { $0 })
    case "BS": value = .binarySet(try set(array { decoder throws(Refused) in try decoder.binary() }) { $0 })
    default: throw Refused()
    }
    try need("}")
    return value
  }

  private mutating func array<T>(_ element: (inout ReferenceDecoder) throws(Refused) -> T) throws(Refused) -> [T] {
    try need("[")
    var values: [T] = []
    if take("]") { return values }
    repeat { values.append(try element(&self)) } while take(",")
    try need("]")
    return values
  }

  private func set<T>(_ members: [T], _ key: (T) -> some Hashable) throws(Refused) -> [T] {
    guard !members.isEmpty, Set(members.map(key)).count == members.count else { throw Refused() }
    return members
  }

  private mutating func number() throws(Refused) -> DynamoDBNumber {
    guard let number = try? DynamoDBNumber(try text()) else { throw Refused() }
    return number
  }

  private mutating func binary() throws(Refused) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let text = Array(try text().utf8)
    guard text.count % 4 == 0 else { throw Refused() }
    var decoded: [UInt8] = []
    for start in stride(from: 0, to: text.count, by: 4) {
      let isLast = start + 4 == text.count
      let group = text[start..<start + 4]
      let padding = isLast ? group.reversed().prefix(2).prefix { $0 == UInt8(ascii: "=") }.count : 0
      var bits = 0
      for byte in group.dropLast(padding) {
        guard let six = alphabet.firstIndex(of: byte) else { throw Refused() }
        bits = bits << 6 | six
      }
      bits <<= 6 * padding
      guard bits & (1 << (8 * padding) - 1) == 0 else { throw Refused() }
      decoded += [UInt8(bits >> 16), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)].dropLast(padding)
    }
    return decoded
  }

  private mutating func text() throws(Refused) -> String {
    try need("\"")
    var units: [UInt8] = []
    while true {
      guard at < bytes.count, bytes[at] >= 0x20 else { throw Refused() }
      let byte = bytes[at]
      at += 1
      if byte == UInt8(ascii: "\"") { break }
      guard byte == UInt8(ascii: "\\") else {
        units.append(byte)
        continue
      }
      guard at < bytes.count else { throw Refused() }
      at += 1
      let plain: [Character: UInt8] = ["\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9]
      let escape = Character(UnicodeScalar(bytes[at - 1]))
      if let byte = plain[escape] {
        units.append(byte)
      } else if escape == "u" {
        var scalar = try hex()
        if (0xD800..<0xDC00).contains(scalar) {
          guard word("\\u") else { throw Refused() }
          let low = try hex()
          guard (0xDC00..<0xE000).contains(low) else { throw Refused() }
          scalar = 0x1_0000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let character = UnicodeScalar(scalar) else { throw Refused() }
        units += Array(String(Character(character)).utf8)
      } else {
        throw Refused()
      }
    }
    guard let text = String(validating: units, as: UTF8.self) else { throw Refused() }
    return text
  }

  private mutating func hex() throws(Refused) -> UInt32 {
    guard at + 4 <= bytes.count else { throw Refused() }
    let digits = String(decoding: bytes[at..<at + 4], as: UTF8.self)
    guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), digits.allSatisfy(\.isASCII), let value = UInt32(digits, radix: 16)
    else {
      throw Refused()
    }
    at += 4
    return value
  }
}
