internal import HTTPTransport

// Strings of JSON text, judged where they lie. Plain ASCII goes sixteen bytes at a time; the vector types are spelled out because an
// inferred one in a long expression picks a scalar loop.

internal enum JSONText {
  /// The offset of the first byte at or behind `start` that isn't a plain character: a quote, a backslash, a control character, not ASCII,
  /// or the end.
  @inline(__always)
  static func plainEnd(_ bytes: ByteWindow, from start: Int) -> Int {
    let quote: SIMD16<Int8> = SIMD16<Int8>(repeating: 0x22)
    let backslash: SIMD16<Int8> = SIMD16<Int8>(repeating: 0x5C)
    let blank: SIMD16<Int8> = SIMD16<Int8>(repeating: 0x20)
    var index = start
    while bytes.hasVector(at: index) {
      let chunk: SIMD16<Int8> = SIMD16<Int8>(truncatingIfNeeded: bytes.vector(at: index))
      // Signed: what isn't ASCII is negative, so one comparison finds it and the control characters.
      let low: SIMDMask<SIMD16<Int8>> = chunk .< blank
      let quotes: SIMDMask<SIMD16<Int8>> = chunk .== quote
      let backslashes: SIMDMask<SIMD16<Int8>> = chunk .== backslash
      let found: SIMDMask<SIMD16<Int8>> = (low .| quotes) .| backslashes
      let halves: SIMD2<UInt64> = unsafe unsafeBitCast(found, to: SIMD2<UInt64>.self)
      if halves[0] != 0 { return index &+ halves[0].trailingZeroBitCount &>> 3 }
      if halves[1] != 0 { return index &+ 8 &+ halves[1].trailingZeroBitCount &>> 3 }
      index &+= 16
    }
    return shortPlainEnd(bytes, from: index)
  }

  @inline(never)
  private static func shortPlainEnd(_ bytes: ByteWindow, from start: Int) -> Int {
    var index = start
    while index < bytes.count {
      let byte = bytes.byte(at: index)
      if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return index }
      index += 1
    }
    return bytes.count
  }

  /// Where a string ends, and whether it holds a backslash.
  struct End {
    /// The offset of the closing quote.
    var offset: Int
    var isEscaped: Bool
  }

  /// Looks for the end of the string whose content begins at `start`; the content is well-formed up to there.
  @inline(__always)
  static func end(_ bytes: ByteWindow, from start: Int) throws(DynamoDBModelError) -> End {
    let index = plainEnd(bytes, from: start)
    if bytes.byte(at: index) == UInt8(ascii: "\"") { return End(offset: index, isEscaped: false) }
    return try roughEnd(bytes, from: index)
  }

  @inline(never)
  private static func roughEnd(_ bytes: ByteWindow, from start: Int) throws(DynamoDBModelError) -> End {
    var index = start
    var isEscaped = false
    while index < bytes.count {
      let byte = bytes.byte(at: index)
      if byte >= 0x80 {
        repeat { index = try characterEnd(bytes, at: index) } while bytes.byte(at: index) >= 0x80
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
        index = try escapeEnd(bytes, at: index)
      } else if byte == UInt8(ascii: "\"") {
        return End(offset: index, isEscaped: isEscaped)
      } else if byte < 0x20 {
        throw DynamoDBModelError(.controlCharacter, at: index)
      }
      index = plainEnd(bytes, from: index)
    }
    throw DynamoDBModelError(.truncated, at: bytes.count)
  }

  /// Where the character ends that begins with the byte at `index`, which isn't ASCII.
  @inline(__always)
  private static func characterEnd(_ bytes: ByteWindow, at index: Int) throws(DynamoDBModelError) -> Int {
    let lead = bytes.byte(at: index)
    let word = UInt32(truncatingIfNeeded: bytes.word(at: index))
    if lead >= 0xC2 && lead <= 0xDF {
      if word & 0xC000 == 0x8000 { return index &+ 2 }
    } else if lead & 0xF0 == 0xE0 {
      // Not overlong (E0 80…9F) and no surrogate (ED A0…BF).
      let value = (UInt32(lead) & 0xF) << 12 | (word >> 8 & 0x3F) << 6 | (word >> 16 & 0x3F)
      if word & 0xC0C000 == 0x808000 && value >= 0x800 && value & 0xF800 != 0xD800 { return index &+ 3 }
    } else if lead >= 0xF0 && lead <= 0xF4 {
      let value = (UInt32(lead) & 0x7) << 18 | (word >> 8 & 0x3F) << 12 | (word >> 16 & 0x3F) << 6 | (word >> 24 & 0x3F)
      if word & 0xC0C0_C000 == 0x8080_8000 && value >= 0x1_0000 && value <= 0x10_FFFF { return index &+ 4 }
    }
    throw DynamoDBModelError(.invalidUTF8, at: index)
  }

  /// Where the escape ends whose backslash is at `index`.
  private static func escapeEnd(_ bytes: ByteWindow, at index: Int) throws(DynamoDBModelError) -> Int {
    guard index + 1 < bytes.count else { throw DynamoDBModelError(.truncated, at: bytes.count) }
    switch bytes.byte(at: index + 1) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      return index + 2
    case UInt8(ascii: "u"):
      let unit = try hexUnit(bytes, at: index)
      if unit & 0xF800 != 0xD800 { return index + 6 }
      guard unit < 0xDC00, bytes.byte(at: index + 6) == UInt8(ascii: "\\"), bytes.byte(at: index + 7) == UInt8(ascii: "u") else {
        throw DynamoDBModelError(.loneSurrogate, at: index)
      }
      guard try hexUnit(bytes, at: index + 6) & 0xFC00 == 0xDC00 else { throw DynamoDBModelError(.loneSurrogate, at: index) }
      return index + 12
    default:
      throw DynamoDBModelError(.invalidEscape, at: index)
    }
  }

  /// The sixteen bits of the `\uXXXX` at `index`.
  private static func hexUnit(_ bytes: ByteWindow, at index: Int) throws(DynamoDBModelError) -> UInt32 {
    var unit: UInt32 = 0
    for place in index + 2..<index + 6 {
      let byte = bytes.byte(at: place)
      let digit: UInt32
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt32(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt32(byte - UInt8(ascii: "A") + 10)
      default: throw DynamoDBModelError(place < bytes.count ? .invalidEscape : .truncated, at: min(place, bytes.count))
      }
      unit = unit << 4 | digit
    }
    return unit
  }

  /// Appends the text that the string content in `range` stands for; the content was found well-formed before.
  static func appendUnescaped(_ bytes: Span<UInt8>, _ range: Range<Int>, to out: inout ByteBuffer) {
    do {
      try appendText(bytes, range, to: &out)
    } catch {
      preconditionFailure("the content of a string is judged before it is used")
    }
  }

  private static func appendText(_ bytes: Span<UInt8>, _ range: Range<Int>, to out: inout ByteBuffer) throws(DynamoDBModelError) {
    let window = ByteWindow(bytes)
    var index = range.lowerBound
    while index < range.upperBound {
      var plain = index
      while plain < range.upperBound && bytes[plain] != UInt8(ascii: "\\") { plain += 1 }
      out.append(bytes.extracting(index..<plain))
      guard plain < range.upperBound else { return }
      let end = try escapeEnd(window, at: plain)
      switch bytes[plain + 1] {
      case UInt8(ascii: "b"): out.append(0x08)
      case UInt8(ascii: "f"): out.append(0x0C)
      case UInt8(ascii: "n"): out.append(0x0A)
      case UInt8(ascii: "r"): out.append(0x0D)
      case UInt8(ascii: "t"): out.append(0x09)
      case UInt8(ascii: "u"):
        var scalar = try hexUnit(window, at: plain)
        if end == plain + 12 { scalar = 0x1_0000 + (scalar & 0x3FF) << 10 + (try hexUnit(window, at: plain + 6)) & 0x3FF }
        appendScalar(scalar, to: &out)
      default: out.append(bytes[plain + 1])
      }
      index = end
    }
  }

  /// How many bytes `appendUnescaped` would append.
  static func unescapedCount(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    var plain = ByteBuffer(capacity: range.count)
    appendUnescaped(bytes, range, to: &plain)
    return plain.count
  }

  private static func appendScalar(_ scalar: UInt32, to out: inout ByteBuffer) {
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(scalar >> shift & 0x3F) }
    switch scalar {
    case 0..<0x80: out.append(UInt8(scalar))
    case 0x80..<0x800:
      out.append(0xC0 | UInt8(scalar >> 6))
      out.append(tail(0))
    case 0x800..<0x1_0000:
      out.append(0xE0 | UInt8(scalar >> 12))
      out.append(tail(6))
      out.append(tail(0))
    default:
      out.append(0xF0 | UInt8(scalar >> 18))
      out.append(tail(12))
      out.append(tail(6))
      out.append(tail(0))
    }
  }

  /// The offset of the first byte at or behind `start` that isn't a blank, or the end.
  @inline(__always)
  static func skipBlanks(_ bytes: ByteWindow, from start: Int) -> Int {
    var index = start
    while true {
      let byte = bytes.byte(at: index)
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return index }
      index &+= 1
    }
  }

  /// The error for a byte at `index` that doesn't belong there, or for the end.
  @inline(never)
  static func unexpected(_ bytes: ByteWindow, at index: Int) -> DynamoDBModelError {
    index < bytes.count ? DynamoDBModelError(.malformed, at: index) : DynamoDBModelError(.truncated, at: bytes.count)
  }
}
