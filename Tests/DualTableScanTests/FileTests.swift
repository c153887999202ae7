import HTTPTransport
import TestSupport
import Testing

@testable import DualTableScan

@Suite struct FileTests {
  @Test func `a full disk is one sentence with the remedy`() throws {
    let full = try File("/dev/full", .append)
    let error = #expect(throws: StateError.self) { try full.append(Array("x".utf8).span) }
    #expect(error?.code == .file)
    #expect(error?.message.contains("/dev/full") == true)
    #expect(error?.message.contains("free some space and run the same command again") == true)
  }

  @Test func `a missing file names its path`() {
    let error = #expect(throws: StateError.self) { _ = try File("/nonexistent/file", .read) }
    #expect(error?.message.contains("Opening /nonexistent/file failed") == true)
  }

  @Test func `replace leaves the new contents and no temporary file`() throws {
    let directory = TemporaryDirectory()
    try File.replace("\(directory.path)/a", with: Array("one".utf8).span)
    try File.replace("\(directory.path)/a", with: Array("two".utf8).span)
    #expect(try directory.bytes("a") == Array("two".utf8))
    #expect(!File.exists("\(directory.path)/a.new"))
    #expect(directory.mode("a") == 0o600)
  }

  @Test func `directories are made with those above them, for their owner alone`() throws {
    let directory = TemporaryDirectory()
    try File.makeDirectory("\(directory.path)/one//two/three/")
    #expect(directory.mode("one") == 0o700 && directory.mode("one/two/three") == 0o700)
    try File.makeDirectory("\(directory.path)/one/two/three")
    try directory.write("file", [])
    #expect(throws: StateError.self) { try File.makeDirectory("\(directory.path)/file/below") }
  }

  @Test func `reading stops at the end`() throws {
    let directory = TemporaryDirectory()
    try directory.write("a", Array(0..<100))
    let file = try File("\(directory.path)/a", .read)
    var buffer = ByteBuffer()
    #expect(try file.read(at: 90, 50, into: &buffer) == 10)
    #expect(buffer.count == 10 && buffer[0] == 90)
    #expect(try file.read(at: 200, 50, into: &buffer) == 0)
  }
}
