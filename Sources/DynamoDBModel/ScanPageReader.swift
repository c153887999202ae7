/// Walks the items of a Scan answer where they lie, whatever the order of its members, and picks up the rest on the way.
///
/// `next` until it returns false, or throws; the members are complete only then. Members it doesn't know are judged as JSON and skipped.
package struct ScanPageReader: ~Copyable {
  /// Where the raw `LastEvaluatedKey` object lies, ready to go into `ExclusiveStartKey`; nil where the segment ends.
  package private(set) var lastEvaluatedKey: Range<Int>?
  /// Items in the answer as it says; nil where it doesn't.
  package private(set) var count: Int?
  /// Items looked at as it says; nil where it doesn't.
  package private(set) var scannedCount: Int?
  /// Capacity units of the request, from `ConsumedCapacity`; nil where the answer has none.
  package private(set) var capacityUnits: Double?
  /// Items read so far.
  package private(set) var itemsRead = 0

  private var members: JSONObjectReader
  private var state = State.between
  private var sawItems = false

  private enum State { case between, inItems, done }

  /// Begins with the answer's body.
  package init(_ bytes: Span<UInt8>) throws(DynamoDBModelError) {
    members = try JSONObjectReader(bytes)
  }

  /// Reads the next item onto `tape`.
  ///
  /// - Parameter bytes: the body, the same as at the beginning.
  /// - Returns: false when there is none left; the whole body was judged then.
  package mutating func next(_ tape: inout ItemTape, _ bytes: Span<UInt8>) throws(DynamoDBModelError) -> Bool {
    while true {
      switch state {
      case .inItems:
        if try nextItem(&tape, bytes) { return true }
        state = .between
      case .between: try readMember(&tape, bytes)
      case .done: return false
      }
    }
  }

  @inline(__always)
  private mutating func nextItem(_ tape: inout ItemTape, _ bytes: Span<UInt8>) throws(DynamoDBModelError) -> Bool {
    let raw = ByteWindow(bytes)
    var at = members.offset
    if itemsRead > 0 {
      at = JSONText.skipBlanks(raw, from: at)
      if raw.byte(at: at) == UInt8(ascii: "]") {
        members.offset = at + 1
        return false
      }
      guard raw.byte(at: at) == UInt8(ascii: ",") else { throw JSONText.unexpected(raw, at: at) }
      at += 1
    }
    members.offset = try tape.read(bytes, at: at)
    itemsRead += 1
    return true
  }

  private mutating func readMember(_ tape: inout ItemTape, _ bytes: Span<UInt8>) throws(DynamoDBModelError) {
    guard let name = try members.next(bytes) else {
      try members.finish(bytes)
      // Fewer items than it says would be items lost without a word.
      if sawItems, let count, count != itemsRead { throw DynamoDBModelError(.wrongCount, at: members.offset) }
      state = .done
      return
    }
    if members.isNamed("Items", name, bytes) {
      try beginItems(bytes, at: name.lowerBound)
    } else if members.isNamed("LastEvaluatedKey", name, bytes) {
      guard lastEvaluatedKey == nil else { throw DynamoDBModelError(.duplicateName, at: name.lowerBound) }
      let start = members.offset
      members.offset = try tape.read(bytes, at: start)
      lastEvaluatedKey = tape.count > 1 ? start..<members.offset : nil
    } else if members.isNamed("Count", name, bytes) {
      count = try JSONValue(parsing: bytes.extracting(members.skip(bytes))).count
    } else if members.isNamed("ScannedCount", name, bytes) {
      scannedCount = try JSONValue(parsing: bytes.extracting(members.skip(bytes))).count
    } else if members.isNamed("ConsumedCapacity", name, bytes) {
      capacityUnits = try JSONValue(parsing: bytes.extracting(members.skip(bytes)))["CapacityUnits"]?.units
    } else {
      try members.skip(bytes)
    }
  }

  private mutating func beginItems(_ bytes: Span<UInt8>, at name: Int) throws(DynamoDBModelError) {
    let raw = ByteWindow(bytes)
    guard !sawItems else { throw DynamoDBModelError(.duplicateName, at: name) }
    sawItems = true
    guard raw.byte(at: members.offset) == UInt8(ascii: "[") else { throw JSONText.unexpected(raw, at: members.offset) }
    let first = JSONText.skipBlanks(raw, from: members.offset + 1)
    if raw.byte(at: first) == UInt8(ascii: "]") {
      members.offset = first + 1
    } else {
      members.offset = first
      state = .inItems
    }
  }
}
