import DynamoDBModel

/// Text with holes, `USER#{tenant}#{id}`; in a `template` the holes are source paths, in a `parse` names.
struct Template: Sendable, Hashable {
  enum Piece: Sendable, Hashable {
    case literal(String)
    case hole(AttributePath)
  }

  /// Holes a template may have.
  static let holeLimit = 32

  /// Literals and holes; no two literals and no two holes side by side, and no literal is empty.
  let pieces: [Piece]

  var holes: [AttributePath] {
    pieces.compactMap { if case .hole(let path) = $0 { path } else { nil } }
  }

  init(pieces: [Piece]) { self.pieces = pieces }

  /// Reads a template: `{path}` is a hole, `{{` is a brace, everything else is itself.
  init(parsing text: String) throws(PatternError) {
    var pieces: [Piece] = []
    var literal = ""
    var holeCount = 0
    var rest = text.unicodeScalars[...]
    while let character = rest.popFirst() {
      if character != "{" {
        literal.unicodeScalars.append(character)
      } else if rest.first == "{" {
        rest.removeFirst()
        literal += "{"
      } else {
        if !literal.isEmpty { pieces.append(.literal(literal)) } else if !pieces.isEmpty { throw Self.ambiguous }
        literal = ""
        pieces.append(.hole(try Self.hole(&rest)))
        holeCount += 1
        if holeCount > Self.holeLimit {
          throw PatternError(code: .tooLarge, sentence: "a template has at most \(Self.holeLimit) holes")
        }
      }
    }
    if !literal.isEmpty { pieces.append(.literal(literal)) }
    self.pieces = pieces
    if holeCount == 0 { throw PatternError(sentence: "a template has at least one hole, `{path}`; a fixed value is a `const`") }
  }

  private static let ambiguous = PatternError(sentence: "two holes side by side can't be told apart; put text between them")

  private static func hole(_ rest: inout Substring.UnicodeScalarView) throws(PatternError) -> AttributePath {
    let text = rest.prefix { $0 != "}" && $0 != "{" }
    guard rest.dropFirst(text.count).first == "}" else {
      throw PatternError(sentence: "`{` opens a hole that no `}` closes; `{{` is a brace")
    }
    rest = rest.dropFirst(text.count + 1)
    return try AttributePath(parsing: String(text), indexes: true)
  }
}

extension Template {
  /// The holes' texts in `text`, each the shortest that lets the rest fit; nil if `text` doesn't fit.
  func parse(_ text: String) -> [String]? {
    var rest = Array(text.utf8)[...]
    var values: [String] = []
    var pending = false
    for (number, piece) in pieces.enumerated() {
      switch piece {
      case .hole: pending = true
      case .literal(let literal):
        let bytes = Array(literal.utf8)
        let place: Int?
        if !pending {
          place = rest.starts(with: bytes) ? rest.startIndex : nil
        } else if number == pieces.count - 1 {
          // The whole text must fit, so a closing literal is sought from the end.
          place = rest.count >= bytes.count && rest.suffix(bytes.count).elementsEqual(bytes) ? rest.endIndex - bytes.count : nil
        } else {
          place = firstOccurrence(of: bytes, in: rest)
        }
        guard let place else { return nil }
        if pending { values.append(String(decoding: rest[..<place], as: UTF8.self)) }
        rest = rest[(place + bytes.count)...]
        pending = false
      }
    }
    if pending {
      values.append(String(decoding: rest, as: UTF8.self))
    } else if !rest.isEmpty {
      return nil
    }
    return values
  }
}

/// Where `bytes` (at least one) first stand in `text`.
func firstOccurrence(of bytes: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
  guard let first = bytes.first, text.count >= bytes.count else { return nil }
  for place in text.startIndex...(text.endIndex - bytes.count) where text[place] == first {
    if text[place...].starts(with: bytes) { return place }
  }
  return nil
}
