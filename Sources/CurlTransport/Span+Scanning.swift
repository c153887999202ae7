extension UInt8 {
  var decimalDigit: Int? { self >= 0x30 && self <= 0x39 ? Int(self) - 0x30 : nil }

  var hexDigit: Int? {
    if let decimalDigit { return decimalDigit }
    let lower = self | 0x20
    return lower >= 0x61 && lower <= 0x66 ? Int(lower) - 0x57 : nil
  }

  /// True for what names of fields consist of (RFC 9110, section 5.6.2).
  var isTokenCharacter: Bool {
    // Bit masks over the ASCII codes: "!#$%&'*+-." and digits; "A-Z^_`a-z|~".
    let low: UInt64 = 0x03FF_6CFA_0000_0000
    let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    if self < 64 { return low >> UInt64(self) & 1 == 1 }
    return self < 128 && high >> UInt64(self - 64) & 1 == 1
  }
}

extension Span<UInt8> {
  /// True where no byte from `start` on is a control character other than a tab.
  func hasNoControls(from start: Int) -> Bool {
    var index = start
    // Eight at a time: a head is 300 bytes, and byte by byte they would cost as much as a tenth of a system call.
    while index + 8 <= count {
      let word = bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      let ones: UInt64 = 0x0101_0101_0101_0101
      let tops: UInt64 = 0x8080_8080_8080_8080
      let below = (word &- ones &* 0x20) & ~word & tops
      let delete = word ^ (ones &* 0x7F)
      let deletes = (delete &- ones) & ~delete & tops
      if below | deletes != 0 {
        for offset in index..<(index + 8) where self[offset].isControl { return false }
      }
      index += 8
    }
    while index < count {
      if self[index].isControl { return false }
      index += 1
    }
    return true
  }

  /// True where the bytes begin with those of `text`.
  func starts(with text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount where unsafe self[index] != text.utf8Start[index] { return false }
    return true
  }

  /// True where the bytes begin with those of `text`, which is in lower case, whatever case they are in.
  func starts(withLowercased text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount {
      let byte = self[index]
      let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
      if unsafe lower != text.utf8Start[index] { return false }
    }
    return true
  }

  /// What lies behind `start`, without blanks around it.
  @_lifetime(copy self)
  func trimmed(from start: Int) -> Span<UInt8> {
    var from = start
    var to = count
    while from < to, self[from].isBlank { from += 1 }
    while to > from, self[to - 1].isBlank { to -= 1 }
    return extracting(from..<to)
  }

  /// True where a list separated by commas has the element `text`, which is in lower case.
  func listContains(_ text: StaticString) -> Bool {
    var start = 0
    while start <= count {
      var end = start
      while end < count, self[end] != 0x2C { end += 1 }
      let element = extracting(start..<end).trimmed(from: 0)
      if element.count == text.utf8CodeUnitCount, element.starts(withLowercased: text) { return true }
      start = end + 1
    }
    return false
  }
}

extension UInt8 {
  fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 }
  fileprivate var isControl: Bool { self < 0x20 && self != 0x09 || self == 0x7F }
}
