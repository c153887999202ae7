import DynamoDBModel

/// A name in an item, compared byte by byte as the service does.
struct AttributeName: Sendable, Hashable, Comparable, ExpressibleByStringLiteral {
  let text: String

  init(_ text: String) { self.text = text }
  init(stringLiteral text: String) { self.text = text }

  static func == (left: AttributeName, right: AttributeName) -> Bool { UTF8Text.equal(left.text, right.text) }
  static func < (left: AttributeName, right: AttributeName) -> Bool { UTF8Text.less(left.text, right.text) }
  func hash(into hasher: inout Hasher) { UTF8Text.hash(text, into: &hasher) }
}

/// Where a value lies in an item: names, and in sources places in lists.
struct AttributePath: Sendable, Hashable, Comparable, CustomStringConvertible {
  enum Step: Sendable, Hashable, Comparable {
    case name(AttributeName)
    case index(Int)
  }

  /// At least one; the first is a name.
  let steps: [Step]

  init(steps: [Step]) { self.steps = steps }

  /// The root attribute `name`.
  init(_ name: String) { steps = [.name(AttributeName(name))] }

  /// The root attribute's name.
  var root: AttributeName {
    guard case .name(let name) = steps.first else { preconditionFailure("a path starts with a name") }
    return name
  }

  /// The last name, which `take` and the like default to.
  var lastName: String? {
    for step in steps.reversed() { if case .name(let name) = step { return name.text } }
    return nil
  }

  var isRoot: Bool { steps.count == 1 }

  func isPrefix(of other: AttributePath) -> Bool { other.steps.starts(with: steps) }

  static func < (left: AttributePath, right: AttributePath) -> Bool { left.steps.lexicographicallyPrecedes(right.steps) }

  /// The path as a mapping file writes it.
  var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .name(let name):
        if !text.isEmpty { text += "." }
        for character in name.text.unicodeScalars {
          if character == "." || character == "[" || character == "\\" { text += "\\" }
          text.unicodeScalars.append(character)
        }
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }
}

/// Why a path or a pattern can't be read.
struct PatternError: Error {
  var code = MappingFinding.Code.badPattern
  let sentence: String
}

extension AttributePath {
  /// Nested values an item may have, the item included.
  static let depthLimit = 32
  private static let greatestIndex = 99_999

  /// Reads `a.b[0].c`; `\.`, `\[` and `\\` are themselves.
  init(parsing text: String, indexes: Bool) throws(PatternError) {
    var steps: [Step] = []
    var rest = text.unicodeScalars[...]
    while true {
      steps.append(.name(try Self.name(&rest)))
      while rest.first == "[" {
        guard indexes else { throw PatternError(sentence: "a target can't be an element of a list; `\\[` is a bracket in a name") }
        steps.append(.index(try Self.index(&rest)))
      }
      guard let next = rest.popFirst() else { break }
      guard next == "." else { throw PatternError(sentence: "after `]` a path goes on with `.` or `[`") }
    }
    if steps.count > Self.depthLimit {
      throw PatternError(code: .tooLarge, sentence: "a path has at most \(Self.depthLimit) steps, as items are at most that deep")
    }
    self.steps = steps
  }

  private static func name(_ rest: inout Substring.UnicodeScalarView) throws(PatternError) -> AttributeName {
    var name = String.UnicodeScalarView()
    while let character = rest.first, character != ".", character != "[" {
      rest.removeFirst()
      if character == "\\" {
        guard let escaped = rest.popFirst(), escaped == "." || escaped == "[" || escaped == "\\" else {
          throw PatternError(sentence: "`\\` escapes `.`, `[` and itself only")
        }
        name.append(escaped)
      } else {
        name.append(character)
      }
    }
    if name.isEmpty { throw PatternError(sentence: "a path is names with dots between them, `a.b[0].c`, and no name is empty") }
    return AttributeName(String(name))
  }

  private static func index(_ rest: inout Substring.UnicodeScalarView) throws(PatternError) -> Int {
    rest.removeFirst()
    let digits = rest.prefix { $0 != "]" }
    guard let index = Int(String(digits)), index >= 0, index <= greatestIndex, String(index) == String(digits),
      rest.dropFirst(digits.count).first == "]"
    else { throw PatternError(sentence: "a place in a list is written `[0]` to `[\(greatestIndex)]`") }
    rest = rest.dropFirst(digits.count + 1)
    return index
  }
}
