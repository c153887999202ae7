internal import DynamoDBModel
internal import HTTPTransport

/// What the head of a request says.
package struct RequestHead: Sendable {
  package var method = "POST"
  package var path = "/"
  /// Version and operation, as in `DynamoDB_20120810.PutItem`; empty if there is none.
  package var target = ""
  /// The other fields, their names in lower case; only where somebody asks for them, as signatures do.
  package var fields: [(name: String, value: String)] = []

  /// Makes a head of what a server has read already.
  package init(target: String) { self.target = target }

  /// Reads the head that `message` begins with.
  init(_ message: Span<UInt8>, readsFields: Bool) {
    var line = Self.line(message, from: 0)
    if readsFields {
      let words = Self.text(message, line.range).split(separator: " ")
      if words.count == 3 { (method, path) = (String(words[0]), String(words[1])) }
    }
    while line.next < message.count {
      line = Self.line(message, from: line.next)
      guard !line.range.isEmpty else { break }
      let isTarget = Self.isTarget(message, line.range)
      guard isTarget || readsFields, let colon = line.range.first(where: { message[$0] == UInt8(ascii: ":") }) else { continue }
      let value = Self.text(message, (colon + 1)..<line.range.upperBound)
      if isTarget { target = value }
      if readsFields { fields.append((Self.text(message, line.range.lowerBound..<colon).lowercased(), value)) }
    }
  }

  /// The value of the first field called `name` (lower case).
  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  private static func isTarget(_ message: Span<UInt8>, _ line: Range<Int>) -> Bool {
    let name: StaticString = "x-amz-target:"
    guard line.count > name.utf8CodeUnitCount else { return false }
    for offset in 0..<name.utf8CodeUnitCount {
      let byte = message[line.lowerBound + offset]
      guard unsafe (byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) == name.utf8Start[offset] else { return false }
    }
    return true
  }

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
