internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// A file of old keys, a JSON object a line, read like a table: segments are runs of bytes, a page is a few lines, and its key says where
/// the next one begins.
struct KeyList: Sendable {
  /// A line of the file.
  struct Line {
    let key: Item
    /// The new key that a dead letter recorded.
    let newKey: Item?
  }

  /// Bytes that a line may have: a dead letter with its whole item.
  private static let longestLine = 8 << 20

  let path: String
  private let size: Int

  init(_ path: String) throws(StateError) {
    self.path = path
    let file = try File(path, .read)
    try file.requireLength()
    size = try file.length()
  }

  /// How many segments the file is worth.
  func segments(openSegments: Int) -> Int { max(1, min(4 * openSegments, size / 20_000)) }

  /// Tells files apart by what they hold.
  func digest() throws(StateError) -> String {
    let file = try File(path, .read)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var offset = 0
    while true {
      var bytes = ByteBuffer(capacity: 65_536)
      guard try file.read(at: offset, 65_536, into: &bytes) > 0 else { return String(hash, radix: 16) }
      for index in 0..<bytes.count { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
      offset += bytes.count
    }
  }

  /// The lines of a page, and the key of the page that follows; nil where the segment ends.
  func lines(
    of page: SegmentPage, atMost most: Int, _ schema: KeySchema
  ) throws -> (lines: [Line], next: [UInt8]?) {
    let file = try File(path, .read)
    let end = size * (page.segment + 1) / page.totalSegments
    var offset =
      try page.exclusiveStartKey.map(Self.offset) ?? Self.firstLine(file, from: size * page.segment / page.totalSegments)
    var lines: [Line] = []
    while offset < end && lines.count < most {
      var text = ByteBuffer()
      offset = try Self.line(file, at: offset, &text)
      if text.isEmpty { continue }
      lines.append(try parse(text, schema))
    }
    return (lines, offset < end ? Array("{\"offset\":{\"N\":\"\(offset)\"}}".utf8) : nil)
  }

  private func parse(_ text: borrowing ByteBuffer, _ schema: KeySchema) throws -> Line {
    var key: Item?
    var newKey: Item?
    do throws(DynamoDBModelError) {
      var members = try JSONObjectReader(text.span)
      while let name = try members.next(text.span) {
        let value = try members.skip(text.span)
        if text.span.equals(name, "key") { key = try Item(wire: text.span.extracting(value)) }
        if text.span.equals(name, "newKey") { newKey = try Item(wire: text.span.extracting(value)) }
      }
    } catch {
      key = nil
    }
    guard let key, schema.key(of: key)?.count == key.count else {
      throw BackfillError(
        .unsuitable, "A line of \(path) holds no key of the old table; give a file as `verify --keys-out` and dead letters have it.")
    }
    return Line(key: key, newKey: newKey)
  }

  /// Where the first line begins at or behind `start`.
  private static func firstLine(_ file: borrowing File, from start: Int) throws(StateError) -> Int {
    var rest = ByteBuffer()
    return start == 0 ? 0 : try line(file, at: start - 1, &rest)
  }

  /// Reads the line at `offset` without its end, and returns where the next one begins.
  private static func line(_ file: borrowing File, at offset: Int, _ bytes: inout ByteBuffer) throws(StateError) -> Int {
    var searched = 0
    while true {
      let got = try file.read(at: offset + bytes.count, 4_096, into: &bytes)
      while searched < bytes.count {
        if bytes[searched] == 0x0A {
          bytes.truncate(to: searched)
          return offset + searched + 1
        }
        searched += 1
      }
      if got == 0 || bytes.count > longestLine { return offset + bytes.count }
    }
  }

  private static func offset(_ key: [UInt8]) throws -> Int {
    let item = try Item(wire: key.span)
    guard case .number(let number)? = item["offset"], let offset = Int(number.text) else {
      throw StateError(.damaged, "A checkpoint names no place in the list of keys: begin again in another directory.")
    }
    return offset
  }
}

extension ScanPage {
  /// A page as a scan would give it, of items that were asked for by their keys.
  init(_ items: [Item], next: [UInt8]?, units: Double) {
    var bytes = ByteBuffer(capacity: 4_096)
    bytes.append("{\"Items\":[")
    for (index, item) in items.enumerated() {
      if index > 0 { bytes.append(",") }
      item.encode(into: &bytes)
    }
    bytes.append("],\"Count\":")
    bytes.appendDecimal(items.count)
    bytes.append(",\"ScannedCount\":")
    bytes.appendDecimal(items.count)
    if let next {
      bytes.append(",\"LastEvaluatedKey\":")
      bytes.append(next.span)
    }
    bytes.append(",\"ConsumedCapacity\":{\"CapacityUnits\":")
    bytes.append(contentsOf: "\(units)".utf8)
    bytes.append("}}")
    let count = bytes.count
    self.init(bytes: bytes, body: 0..<count)
  }
}
