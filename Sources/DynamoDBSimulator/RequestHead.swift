internal import DynamoDBModel
internal import HTTPTransport

/// What the head of a request in wire form says.
struct RequestHead: Sendable {
  /// Version and operation, as in `DynamoDB_20120810.PutItem`; empty if there is none.
  private(set) var target = ""
  /// Every field, its name in lower case.
  private(set) var fields: [(name: String, value: String)] = []
  /// Where the body begins.
  private(set) var end = 0

  /// Reads the head that `message` begins with.
  init(_ message: Span<UInt8>) {
    var line = Self.line(message, from: 0)
    while line.next < message.count {
      line = Self.line(message, from: line.next)
      guard !line.range.isEmpty else { break }
      guard let colon = line.range.first(where: { message[$0] == UInt8(ascii: ":") }) else { continue }
      let name = Self.text(message, line.range.lowerBound..<colon).lowercased()
      let value = Self.text(message, (colon + 1)..<line.range.upperBound)
      fields.append((name, value))
      if name == "x-amz-target" { target = value }
    }
    end = line.next
  }

  /// The value of the first field called `name` (lower case).
  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  /// The line that begins at `start` without its end, and where the next one begins.
  private static func line(_ message: Span<UInt8>, from start: Int) -> (range: Range<Int>, next: Int) {
    var end = start
    while end < message.count && message[end] != 0x0A { end += 1 }
    let isPair = end > start && message[end - 1] == 0x0D
    return (start..<(isPair ? end - 1 : end), min(end + 1, message.count))
  }

  private static func text(_ message: Span<UInt8>, _ range: Range<Int>) -> String {
    var range = range
    while let first = range.first, message[first] == 0x20 || message[first] == 0x09 { range.removeFirst() }
    while let last = range.last, message[last] == 0x20 || message[last] == 0x09 { range.removeLast() }
    return String(copying: message.extracting(range))
  }
}
