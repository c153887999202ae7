import DynamoDBModel
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// Compares tables with boto3 (`Tests/judge.py`), so that our client isn't judged by itself.
enum Judge {
  /// Records an issue unless NEW holds what `service` left at its ids (nil: nothing), and OLD's items, converted, at all others.
  static func compare(_ engine: Engine, old: String, new: String, service: [String: Item?], _ note: Comment) throws {
    let folder = TemporaryDirectory()
    defer { withExtendedLifetime(folder) {} }
    var lines = ByteBuffer()
    for (id, item) in service.sorted(by: { $0.key < $1.key }) {
      lines.append(#"{"id":"#)
      lines.appendJSON(id)
      lines.append(#","item":"#)
      if let item { item.encode(into: &lines) } else { lines.append("null") }
      lines.append("}\n")
    }
    try folder.write("expected.jsonl", (0..<lines.count).map { lines[$0] })
    let python = unsafe getenv("DUALTABLE_TEST_PYTHON").map { unsafe String(cString: $0) } ?? "python3"
    let script = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/judge.py"
    let status = unsafe system("'\(python)' '\(script)' \(try #require(engine.url)) \(old) \(new) < \(folder.path)/expected.jsonl")
    #expect(status == 0, note)
  }
}
