import Synchronization
import Testing

@testable import DualTableCommand

@Suite struct InputLinesTests {
  static func lines(_ pieces: [[UInt8]]) throws -> [InputLines.Line] {
    final class Source: Sendable {
      let rest: Mutex<ArraySlice<[UInt8]>>
      init(_ pieces: [[UInt8]]) { rest = Mutex(pieces[...]) }
    }
    let source = Source(pieces)
    var lines = InputLines { () throws(CommandError) in source.rest.withLock { $0.popFirst() ?? [] } }
    var all: [InputLines.Line] = []
    while let line = try lines.next() { all.append(line) }
    #expect(try lines.next() == nil)
    return all
  }

  @Test(
    arguments: [
      ([], []), (["a"], ["a"]), (["a\n"], ["a"]), (["\n"], [""]), (["a", "b\nc", "\n", "\nd"], ["ab", "c", "", "d"]),
      (["a\nb\nc"], ["a", "b", "c"]),
    ] as [([String], [String])])
  func `pieces become lines`(_ pieces: [String], _ lines: [String]) throws {
    #expect(try Self.lines(pieces.map { Array($0.utf8) }) == lines.map { .bytes(Array($0.utf8)) })
  }

  @Test func `a line too long is passed over, wherever it is`() throws {
    let half = [UInt8](repeating: 0x61, count: InputLines.longest / 2)
    let whole = half + half
    #expect(try Self.lines([half, half]) == [.bytes(whole)])
    #expect(try Self.lines([half, half, [0x0A, 0x62]]) == [.bytes(whole), .bytes([0x62])])
    #expect(try Self.lines([half, half, half, half, half, [0x0A, 0x62]]) == [.tooLong, .bytes([0x62])])
    #expect(try Self.lines([[0x62, 0x0A], whole + [0x61, 0x0A, 0x62]]) == [.bytes([0x62]), .tooLong, .bytes([0x62])])
    #expect(try Self.lines([whole, [0x61]]) == [.tooLong])
  }
}
