/// A token of a PartiQL statement, and where it stands in the text's UTF-8.
internal struct StatementToken {
  internal enum Kind: Equatable {
    /// A keyword or a bare identifier.
    case word
    /// `"…"`, its quotes taken away and doubled ones made one.
    case identifier(String)
    /// `'…'`, likewise.
    case string(String)
    /// Digits with point and exponent, without sign.
    case number
    /// `?`.
    case parameter
    /// Anything else that is one character, `<<` or `>>`.
    case sign(String)
    /// A quote without its other half.
    case unterminated
    /// Behind the last token.
    case end
  }

  internal let kind: Kind
  internal let range: Range<Int>
}

/// Reads the tokens of a PartiQL statement one at a time.
internal struct StatementTokens {
  private let text: [UInt8]
  internal private(set) var current = StatementToken(kind: .end, range: 0..<0)

  internal init(_ statement: String) {
    text = Array(statement.utf8)
    advance()
  }

  internal mutating func advance() { current = token(from: afterBlanks(current.range.upperBound)) }

  /// Passes over the next token if it is this sign.
  internal mutating func skip(_ sign: String) -> Bool {
    guard current.kind == .sign(sign) else { return false }
    advance()
    return true
  }

  /// Passes over the next token if it is this keyword, in whatever case; `word` is in capitals.
  internal mutating func skip(word: String) -> Bool {
    guard current.kind == .word, text(of: current).uppercased() == word else { return false }
    advance()
    return true
  }

  internal func text(of token: StatementToken) -> String { String(decoding: text[token.range], as: UTF8.self) }

  /// Line, column and length of the next token, as the service quotes them.
  internal var place: String {
    let before = text[..<current.range.lowerBound]
    let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    let column = before.reversed().prefix { $0 != 0x0A }.count + 1
    return "\(line):\(column):\(max(1, current.range.count))"
  }

  private func afterBlanks(_ start: Int) -> Int {
    var index = start
    while index < text.count {
      if [0x20, 0x09, 0x0A, 0x0D].contains(text[index]) {
        index += 1
      } else if text[index...].starts(with: "--".utf8) {
        index += text[index...].prefix { $0 != 0x0A }.count
      } else if text[index...].starts(with: "/*".utf8), let end = end(ofCommentAt: index) {
        index = end
      } else {
        break
      }
    }
    return index
  }

  private func end(ofCommentAt start: Int) -> Int? {
    var index = start + 2
    while index + 1 < text.count {
      if text[index] == UInt8(ascii: "*"), text[index + 1] == UInt8(ascii: "/") { return index + 2 }
      index += 1
    }
    return nil
  }

  private func token(from start: Int) -> StatementToken {
    guard start < text.count else { return StatementToken(kind: .end, range: text.count..<text.count) }
    func token(_ kind: StatementToken.Kind, _ length: Int) -> StatementToken {
      StatementToken(kind: kind, range: start..<(start + length))
    }
    let rest = text[start...]
    switch text[start] {
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      guard let (content, length) = quoted(from: start) else { return token(.unterminated, text.count - start) }
      return token(text[start] == UInt8(ascii: "'") ? .string(content) : .identifier(content), length)
    case UInt8(ascii: "?"): return token(.parameter, 1)
    case let byte where Self.isDigit(byte) || (byte == UInt8(ascii: ".") && rest.dropFirst().first.map(Self.isDigit) == true):
      return token(.number, lengthOfNumber(from: start))
    case let byte where ExpressionTokens.isWordByte(byte):
      return token(.word, rest.prefix(while: ExpressionTokens.isWordByte).count)
    case UInt8(ascii: "<") where rest.starts(with: "<<".utf8): return token(.sign("<<"), 2)
    case UInt8(ascii: ">") where rest.starts(with: ">>".utf8): return token(.sign(">>"), 2)
    case let byte:
      // A whole scalar, so that what is quoted stays text.
      let length = byte < 0x80 ? 1 : 1 + rest.dropFirst().prefix { $0 & 0xC0 == 0x80 }.count
      return token(.sign(String(decoding: rest.prefix(length), as: UTF8.self)), length)
    }
  }

  private func quoted(from start: Int) -> (content: String, length: Int)? {
    let quote = text[start]
    var content: [UInt8] = []
    var index = start + 1
    while index < text.count {
      if text[index] == quote {
        guard index + 1 < text.count, text[index + 1] == quote else {
          return (String(decoding: content, as: UTF8.self), index + 1 - start)
        }
        index += 1
      }
      content.append(text[index])
      index += 1
    }
    return nil
  }

  private func lengthOfNumber(from start: Int) -> Int {
    var index = start
    func digits() -> Int { text[index...].prefix(while: Self.isDigit).count }
    index += digits()
    if index < text.count, text[index] == UInt8(ascii: ".") {
      index += 1
      index += digits()
    }
    if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
      let mark = index
      index += 1
      if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") { index += 1 }
      let power = digits()
      index = power > 0 ? index + power : mark
    }
    return index - start
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
