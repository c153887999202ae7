/// A Swift file split into what is code and what is comment, line by line; the insides of string literals are neither.
///
/// So a rule's pattern doesn't find itself in a message, and a message about `print` isn't a print.
struct SwiftText {
  let code: [String]
  let comments: [String]

  init(_ text: String) {
    var reader = Reader(bytes: Array(text.utf8))
    reader.readCode(untilParenthesis: false)
    code = reader.code.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    comments = reader.comments.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Bytes, because the whole tree is read in debug builds.
  private struct Reader {
    let bytes: [UInt8]
    var at = 0
    var code: [UInt8] = []
    var comments: [UInt8] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    private func begins(_ text: StaticString) -> Bool {
      let count = text.utf8CodeUnitCount
      return at + count <= bytes.count && (0..<count).allSatisfy { unsafe bytes[at + $0] == text.utf8Start[$0] }
    }

    private mutating func takeLineEnd() {
      code.append(0x0A)
      comments.append(0x0A)
      at += 1
    }

    mutating func readCode(untilParenthesis: Bool) {
      var depth = 0
      while at < bytes.count {
        switch bytes[at] {
        case UInt8(ascii: "\n"):
          takeLineEnd()
        case UInt8(ascii: "/") where begins("//"):
          while at < bytes.count && bytes[at] != 0x0A { takeComment() }
        case UInt8(ascii: "/") where begins("/*"):
          readBlockComment()
        case UInt8(ascii: "\""), UInt8(ascii: "#"):
          if let hashes = openingHashes() { readString(hashes: hashes) } else { takeCode() }
        case UInt8(ascii: "("):
          depth += 1
          takeCode()
        case UInt8(ascii: ")"):
          depth -= 1
          takeCode()
          if untilParenthesis && depth < 0 { return }
        default:
          takeCode()
        }
      }
    }

    private mutating func takeCode() {
      code.append(bytes[at])
      at += 1
    }

    private mutating func takeComment() {
      if bytes[at] == 0x0A { return takeLineEnd() }
      comments.append(bytes[at])
      at += 1
    }

    private mutating func readBlockComment() {
      var depth = 0
      repeat {
        if begins("/*") {
          depth += 1
          takeComment()
        } else if begins("*/") {
          depth -= 1
          takeComment()
        }
        takeComment()
      } while depth > 0 && at < bytes.count
    }

    /// The number of `#` before the quote that opens a string here, nil if none opens.
    private func openingHashes() -> Int? {
      var index = at
      while index < bytes.count && bytes[index] == UInt8(ascii: "#") { index += 1 }
      return index < bytes.count && bytes[index] == UInt8(ascii: "\"") ? index - at : nil
    }

    /// True if `hashes` number signs stand at `index`.
    private func hasHashes(_ hashes: Int, at index: Int) -> Bool {
      index + hashes <= bytes.count && bytes[index..<index + hashes].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    private mutating func readString(hashes: Int) {
      at += hashes
      let quotes = begins("\"\"\"") ? 3 : 1
      at += quotes
      code.append(UInt8(ascii: "\""))
      while at < bytes.count {
        if bytes[at] == 0x0A {
          takeLineEnd()
        } else if bytes[at] == UInt8(ascii: "\""), quotes == 1 || begins("\"\"\""), hasHashes(hashes, at: at + quotes) {
          at += quotes + hashes
          code.append(UInt8(ascii: "\""))
          return
        } else if bytes[at] == UInt8(ascii: "\\"), hasHashes(hashes, at: at + 1) {
          at += 1 + hashes
          if begins("(") {
            takeCode()
            readCode(untilParenthesis: true)
          } else if at < bytes.count && bytes[at] != 0x0A {
            at += 1
          }
        } else {
          at += 1
        }
      }
    }
  }
}
