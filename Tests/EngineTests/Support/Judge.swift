import DynamoDBModel
import Glibc
import HTTPTransport
import Testing

/// Compares tables with boto3 (`Tests/judge.py`), so that our client isn't judged by itself.
enum Judge {
  /// Records an issue unless NEW holds what `service` left at its ids (nil: nothing), and OLD's items, converted, at all others.
  static func compare(_ engine: Engine, old: String, new: String, service: [String: Item?], _ note: Comment) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var lines = ByteBuffer()
    for (id, item) in service.sorted(by: { $0.key < $1.key }) {
      lines.append(#"{"id":"#)
      lines.appendJSON(id)
      lines.append(#","item":"#)
      if let item { item.encode(into: &lines) } else { lines.append("null") }
      lines.append("}\n")
    }
    try write(lines.span, to: "\(folder.path)/expected.jsonl")
    let python = unsafe getenv("DUALTABLE_TEST_PYTHON").map { unsafe String(cString: $0) } ?? "python3"
    let script = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/judge.py"
    let status = unsafe system("'\(python)' '\(script)' \(engine.url) \(old) \(new) < \(folder.path)/expected.jsonl")
    #expect(status == 0, note)
  }

  private static func write(_ bytes: Span<UInt8>, to path: String) throws {
    let file = unsafe try #require(unsafe fopen(path, "w"))
    let written = unsafe bytes.withUnsafeBufferPointer { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
    unsafe fclose(file)
    try #require(written == bytes.count)
  }
}

/// A folder of a test's own.
struct TemporaryFolder {
  let path: String

  init() throws {
    var name = Array("/tmp/dualtable-test-XXXXXX".utf8CString)
    let made = unsafe name.withUnsafeMutableBufferPointer { unsafe mkdtemp($0.baseAddress!) != nil }
    try #require(made, "no temporary folder")
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func remove() { _ = unsafe system("rm -r '\(path)'") }
}
