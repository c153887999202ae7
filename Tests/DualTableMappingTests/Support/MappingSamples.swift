import DualTableMapping
import DynamoDBModel
import Foundation

/// A mapping of one block: `attributes`, `rest` and what else the test is about in `lines`.
func mapping(_ lines: String, old: String = "{hash: {id: S}}", new: String = "{hash: {id: S}}", key: String = "{id: id}") throws
  -> CompiledMapping
{
  try CompiledMapping(yaml: Array("version: 1\nold: \(old)\nnew: \(new)\nkey: \(key)\n\(lines)\n".utf8), file: "test.yaml")
}

/// An item from its wire form.
func item(_ json: String) throws -> Item { try Item(wire: json.utf8.span) }

/// The findings of a file, without the file's name.
func findings(_ yaml: String) -> [String] {
  do {
    _ = try CompiledMapping(yaml: Array(yaml.utf8), file: "f")
    return []
  } catch {
    return error.findings.map { "\($0.line):\($0.column) \($0.code)" }
  }
}

/// Shows a figure beside the tests' own lines.
func show(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
