import TestSupport
import Testing

/// A page of the documentation, as its blocks of code.
struct Article {
  /// A block, with its language and the line that it begins at.
  struct Block {
    let language: String
    let line: Int
    let lines: [String]

    /// The lines as one command each: those that end with a backslash go on.
    var commands: [String] {
      var commands: [String] = []
      var begun = ""
      for line in lines {
        if line.hasSuffix("\\") {
          begun += line.dropLast()
        } else {
          commands.append(begun + line)
          begun = ""
        }
      }
      return commands
    }
  }

  let name: String
  let blocks: [Block]

  static let catalog = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined() + "/Sources/DualTable/Documentation.docc"

  /// - Parameters:
  ///   - first: the heading from which on it is read; nil: all of it.
  ///   - last: the heading before which it ends.
  init(_ name: String, from first: String? = nil, to last: String? = nil) throws {
    self.name = name
    let text = String(decoding: try #require(try? Self.bytes("\(Self.catalog)/\(name).md")), as: UTF8.self)
    var blocks: [Block] = []
    var block: (language: String, line: Int, lines: [String])?
    var isWanted = first == nil
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).map({ String($0) }).enumerated() {
      if let open = block {
        if line == "```" {
          if isWanted { blocks.append(Block(language: open.language, line: open.line, lines: open.lines)) }
          block = nil
        } else {
          block?.lines.append(line)
        }
      } else if line.hasPrefix("```") {
        block = (String(line.dropFirst(3)), index + 1, [])
      } else if line.hasPrefix("#") {
        let heading = String(line.drop { $0 == "#" }.dropFirst())
        if heading == first { isWanted = true }
        if heading == last { break }
      }
    }
    self.blocks = blocks
  }

  private static func bytes(_ path: String) throws -> [UInt8] { try TemporaryDirectory.bytes(at: path) }
}
