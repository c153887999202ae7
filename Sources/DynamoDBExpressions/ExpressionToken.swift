/// A token of an expression, and where it stands in the text's UTF-8.
internal struct ExpressionToken {
  internal enum Kind: Equatable {
    /// A name, a function or one of the words that operators and sections are; which one only the place tells.
    case word
    /// `#name`.
    case nameReference
    /// `:value`.
    case valueReference
    /// Digits, as between brackets.
    case number
    case comparator(Comparator)
    case openParenthesis, closeParenthesis, openBracket, closeBracket
    case dot, comma, plus, minus
    /// Behind the last token.
    case end
    /// A character that no token begins with.
    case unknown
  }

  internal let kind: Kind
  internal let range: Range<Int>
}

/// The tokens of one expression, read one at a time with one to look at.
internal struct ExpressionTokens {
  internal let kind: ExpressionError.Kind
  private let text: [UInt8]
  private let tokens: [ExpressionToken]
  private var index = 0

  internal init(_ expression: String, _ kind: ExpressionError.Kind) throws(ExpressionError) {
    self.kind = kind
    text = Array(expression.utf8)
    guard text.count <= ExpressionError.longest else {
      throw ExpressionError(.tooLong, in: kind, "Expression size has exceeded the maximum allowed size;")
    }
    var tokens: [ExpressionToken] = []
    var start = 0
    while let token = Self.token(in: text, from: &start) { tokens.append(token) }
    guard !text.isEmpty else { throw ExpressionError(.empty, in: kind, "The expression can not be empty;") }
    guard !tokens.isEmpty else {
      throw ExpressionError(.syntax, in: kind, "Syntax error; token: \"<EOF>\", near: \"\(expression)\"")
    }
    tokens.append(ExpressionToken(kind: .end, range: text.count..<text.count))
    self.tokens = tokens
  }

  /// The token that comes next; `.end` behind the last.
  internal var current: ExpressionToken { tokens[index] }
  /// The one behind that.
  internal var following: ExpressionToken { tokens[min(index + 1, tokens.count - 1)] }

  internal mutating func advance() { index = min(index + 1, tokens.count - 1) }

  /// Passes over the next token if it is `kind`.
  internal mutating func skip(_ kind: ExpressionToken.Kind) -> Bool {
    guard current.kind == kind else { return false }
    advance()
    return true
  }

  /// Passes over the next token, which must be `kind`.
  internal mutating func expect(_ kind: ExpressionToken.Kind) throws(ExpressionError) {
    guard skip(kind) else { throw syntaxError() }
  }

  /// True if the next token is this word, in whatever case; `word` is in capitals.
  internal func isAt(_ word: StaticString) -> Bool {
    current.kind == .word && text(of: current).uppercased() == "\(word)"
  }

  internal mutating func skip(_ word: StaticString) -> Bool {
    guard isAt(word) else { return false }
    advance()
    return true
  }

  internal func text(of token: ExpressionToken) -> String { String(decoding: text[token.range], as: UTF8.self) }

  /// The service's error for a token that can't stand where it stands: the token, and it with its neighbors.
  internal func syntaxError() -> ExpressionError {
    let token = current
    let start = index > 0 ? tokens[index - 1].range.lowerBound : token.range.lowerBound
    let last = token.kind == .end ? tokens[index - 1] : following.kind == .end ? token : following
    let near = String(decoding: text[start..<last.range.upperBound], as: UTF8.self)
    return ExpressionError(
      .syntax, in: kind, "Syntax error; token: \"\(token.kind == .end ? "<EOF>" : text(of: token))\", near: \"\(near)\"")
  }

  // MARK: - Reading

  private static func token(in text: [UInt8], from start: inout Int) -> ExpressionToken? {
    while start < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[start]) { start += 1 }
    guard start < text.count else { return nil }
    let (kind, length) = classify(text, start)
    defer { start += length }
    return ExpressionToken(kind: kind, range: start..<(start + length))
  }

  private static func classify(_ text: [UInt8], _ start: Int) -> (ExpressionToken.Kind, Int) {
    let next = start + 1 < text.count ? text[start + 1] : 0
    switch text[start] {
    case UInt8(ascii: "("): return (.openParenthesis, 1)
    case UInt8(ascii: ")"): return (.closeParenthesis, 1)
    case UInt8(ascii: "["): return (.openBracket, 1)
    case UInt8(ascii: "]"): return (.closeBracket, 1)
    case UInt8(ascii: "."): return (.dot, 1)
    case UInt8(ascii: ","): return (.comma, 1)
    case UInt8(ascii: "+"): return (.plus, 1)
    case UInt8(ascii: "-"): return (.minus, 1)
    case UInt8(ascii: "="): return (.comparator(.equal), 1)
    case UInt8(ascii: "<") where next == UInt8(ascii: ">"): return (.comparator(.notEqual), 2)
    case UInt8(ascii: "<") where next == UInt8(ascii: "="): return (.comparator(.lessOrEqual), 2)
    case UInt8(ascii: "<"): return (.comparator(.less), 1)
    case UInt8(ascii: ">") where next == UInt8(ascii: "="): return (.comparator(.greaterOrEqual), 2)
    case UInt8(ascii: ">"): return (.comparator(.greater), 1)
    case UInt8(ascii: "#"): return reference(.nameReference, text, start)
    case UInt8(ascii: ":"): return reference(.valueReference, text, start)
    case let byte where isDigit(byte): return (.number, text[start...].prefix(while: isDigit).count)
    case let byte where isLetter(byte) || byte == UInt8(ascii: "_"): return (.word, text[start...].prefix(while: isWordByte).count)
    case let byte:
      // A whole scalar, so that what is quoted stays text.
      return (.unknown, byte < 0x80 ? 1 : 1 + text[(start + 1)...].prefix { $0 & 0xC0 == 0x80 }.count)
    }
  }

  private static func reference(_ kind: ExpressionToken.Kind, _ text: [UInt8], _ start: Int) -> (ExpressionToken.Kind, Int) {
    let length = text[(start + 1)...].prefix(while: isWordByte).count
    return length == 0 ? (.unknown, 1) : (kind, 1 + length)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
  internal static func isWordByte(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "_") }
}
