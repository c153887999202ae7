import TestSupport
import Testing

@testable import DualTableScan

@Suite struct JSONLinesFileTests {
  @Test(arguments: [
    ("", ""),
    ("{\"a\":1}\n", "{\"a\":1}\n"),
    ("{\"a\":1}\n{\"b\":", "{\"a\":1}\n"),
    ("{\"a\":", ""),
    ("\n\n", "\n\n"),
  ])
  func `half a line at the end is cut off`(found: String, kept: String) throws {
    let directory = TemporaryDirectory()
    try directory.write("lines", Array(found.utf8))
    var file = try JSONLinesFile("\(directory.path)/lines")
    #expect(file.length == kept.utf8.count)
    try file.append(Array("{}\n".utf8).span)
    try file.sync()
    #expect(try directory.bytes("lines") == Array("\(kept){}\n".utf8))
  }

  @Test func `half a line longer than a block is cut off too`() throws {
    let directory = TemporaryDirectory()
    try directory.write("lines", Array("{}\n".utf8) + Array(repeating: 0x20, count: 10_000))
    let file = try JSONLinesFile("\(directory.path)/lines")
    #expect(file.length == 3)
  }

  @Test func `lines that no checkpoint knows are cut off`() throws {
    let directory = TemporaryDirectory()
    try directory.write("lines", Array("{\"a\":1}\n{\"b\":2}\n".utf8))
    do {
      let file = try JSONLinesFile("\(directory.path)/lines", checkpointed: 8)
      #expect(file.length == 8)
    }
    #expect(try directory.bytes("lines") == Array("{\"a\":1}\n".utf8))
  }

  @Test func `a file shorter than its checkpoint is refused`() throws {
    let directory = TemporaryDirectory()
    try directory.write("lines", Array("{}\n".utf8))
    let error = #expect(throws: StateError.self) { _ = try JSONLinesFile("\(directory.path)/lines", checkpointed: 4) }
    #expect(error?.code == .damaged)
  }

  @Test func `a new file is its owner's alone`() throws {
    let directory = TemporaryDirectory()
    _ = try JSONLinesFile("\(directory.path)/lines")
    #expect(directory.mode("lines") == 0o600)
  }
}
