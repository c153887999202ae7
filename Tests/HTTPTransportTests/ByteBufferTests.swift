import HTTPTransport
import Testing

@Suite struct ByteBufferTests {
  private static func bytes(_ buffer: borrowing ByteBuffer) -> [UInt8] {
    var all: [UInt8] = []
    let span = buffer.span
    for index in span.indices { all.append(span[index]) }
    return all
  }

  @Test func holdsNoMemoryUntilSomethingIsAppended() {
    var buffer = ByteBuffer()
    #expect(buffer.capacity == 0)
    #expect(buffer.span.count == 0)
    buffer.append(7)
    #expect(buffer.capacity >= 1)
    #expect(Self.bytes(buffer) == [7])
  }

  @Test func appendsAcrossGrowth() {
    var buffer = ByteBuffer(capacity: 3)
    for byte in 0..<100 { buffer.append(UInt8(byte)) }
    buffer.append("tail")
    buffer.append(contentsOf: [1, 2, 3])
    #expect(Self.bytes(buffer) == (0..<100).map { UInt8($0) } + Array("tail".utf8) + [1, 2, 3])
  }

  @Test(arguments: [(0..<0, [1, 2, 3, 4, 5]), (0..<2, [3, 4, 5]), (1..<3, [1, 4, 5]), (3..<5, [1, 2, 3]), (0..<5, [])])
  func removesARange(range: Range<Int>, left: [UInt8]) {
    var buffer = ByteBuffer([1, 2, 3, 4, 5])
    buffer.remove(range)
    #expect(Self.bytes(buffer) == left)
  }

  @Test(arguments: [(1..<4, 0, [2, 3, 4, 4, 5]), (2..<5, 1, [1, 3, 4, 5, 5]), (2..<2, 0, [1, 2, 3, 4, 5]), (4..<5, 0, [5, 2, 3, 4, 5])])
  func movesARangeDown(range: Range<Int>, target: Int, after: [UInt8]) {
    var buffer = ByteBuffer([1, 2, 3, 4, 5])
    buffer.moveDown(range, to: target)
    #expect(Self.bytes(buffer) == after)
  }

  @Test func keepsWhatTheCallerSaysItWrote() {
    var buffer = ByteBuffer([9])
    buffer.appendUninitialized(100) { room in
      room[0] = 1
      room[1] = 2
      return 2
    }
    #expect(Self.bytes(buffer) == [9, 1, 2])
    buffer.truncate(to: 1)
    buffer[0] = 4
    buffer.overwrite(at: 0, with: ByteBuffer([8]).span)
    #expect(Self.bytes(buffer) == [8])
    let room = buffer.capacity
    buffer.removeAll()
    #expect(buffer.isEmpty && buffer.capacity == room)
  }
}
