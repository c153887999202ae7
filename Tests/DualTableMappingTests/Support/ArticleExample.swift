import DynamoDBModel
import Testing

/// An example of the mapping articles: a piece of a file, and what comes of items or what is found wrong.
struct ArticleExample: CustomTestStringConvertible {
  /// What comes of one item.
  struct Case {
    let old: String
    var new: [String] = []
    var isSkipped = false
    var error: String?
    /// NEW keys and the OLD keys they lead to, nil for none; the first ones are those of `new`.
    var keys: [(new: String, old: String?)] = []
  }

  let article: String
  let line: Int
  /// The whole file: the piece, and the lines that it leaves out.
  let yaml: String
  var cases: [Case] = []
  var findings: [String] = []
  /// Where something stands against an inverse.
  var notInvertible: [String] = []
  /// The inverse as a file, if the article shows it.
  var inverse: String?

  var testDescription: String { "\(article):\(line)" }

  /// The articles' names.
  static let articles = ["MappingFiles", "MappingRules"]

  /// Every example of an article, and its code blocks that are none: each is a language, a line and a text.
  static func all(in article: String) throws -> (examples: [ArticleExample], others: [(language: String, line: Int, text: String)]) {
    var blocks = try self.blocks(of: article)[...]
    var examples: [ArticleExample] = []
    var others: [(language: String, line: Int, text: String)] = []
    while let block = blocks.popFirst() {
      if block.language == "yaml", let results = blocks.first, results.language == "text" {
        blocks.removeFirst()
        var example = ArticleExample(article: article, line: block.line, yaml: Self.complete(block.text))
        for line in results.text.split(separator: "\n") { try example.read(line) }
        if let inverse = blocks.first, inverse.text.hasPrefix(Self.inverseComment) {
          blocks.removeFirst()
          example.inverse = String(inverse.text.dropFirst(Self.inverseComment.count)) + "\n"
        }
        examples.append(example)
      } else {
        others.append(block)
      }
    }
    return (examples, others)
  }

  private static let inverseComment = "# The inverse, written by `dualtable mapping invert`.\n"

  /// What the articles say stands on top of a piece that leaves it out.
  static let head = [
    ("version", "version: 1"), ("old", "old: {hash: {id: S}}"), ("new", "new: {hash: {id: S}}"), ("key", "key: {id: id}"),
  ]

  private static func complete(_ piece: String) -> String {
    let keys = piece.split(separator: "\n").filter { $0.first?.isLetter == true }.map { $0.prefix { $0 != ":" } }
    let missing = head.filter { line in !keys.contains(line.0[...]) && !(line.0 == "key" && keys.contains("items")) }
    return (missing.map(\.1) + [piece]).joined(separator: "\n") + "\n"
  }

  private static func blocks(of article: String) throws -> [(language: String, line: Int, text: String)] {
    let text = String(decoding: try file("Sources/DualTable/Documentation.docc/\(article).md"), as: UTF8.self)
    var blocks: [(language: String, line: Int, text: String)] = []
    var open: (language: String, line: Int, lines: [Substring])?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let block = open {
        if line == "```" {
          blocks.append((block.language, block.line, block.lines.joined(separator: "\n")))
          open = nil
        } else {
          open?.lines.append(line)
        }
      } else if line.hasPrefix("```") {
        open = (String(line.dropFirst(3)), index + 1, [])
      }
    }
    if open != nil { throw Malformed(line: "an open code block in \(article)") }
    return blocks
  }

  struct Malformed: Error { let line: String }

  private mutating func read(_ line: Substring) throws {
    let (kind, rest) = (line.prefix { $0 != " " }, String(line.drop { $0 != " " }.dropFirst()))
    switch kind {
    case "old": cases.append(Case(old: rest))
    case "not-invertible": notInvertible.append(rest)
    case "finding": findings.append(rest)
    case _ where cases.isEmpty: throw Malformed(line: String(line))
    case "new": cases[cases.count - 1].new.append(rest)
    case "skipped": cases[cases.count - 1].isSkipped = true
    case "error": cases[cases.count - 1].error = rest
    case "key":
      let parts = rest.split(separator: " → ", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw Malformed(line: String(line)) }
      cases[cases.count - 1].keys.append((parts[0], parts[1] == "none" ? nil : parts[1]))
    default: throw Malformed(line: String(line))
    }
  }
}
