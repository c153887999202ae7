import DynamoDBModel
import HTTPTransport

/// What one conversion after the other needs to work in; made once for a worker, it grows to the largest item and allocates no more.
package struct ConversionScratch: ~Copyable {
  /// A piece of what is left of the item, in its order.
  struct Segment: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
      /// Bytes from `start` to `end`, copied as they are.
      case run
      /// The tape's value at `start`, at the tree's node `end`.
      case value
      /// The same, with segments of its own for what is in it, up to a `leave`.
      case enter
      case leave
      /// A value that no rule knows, where `rest` is `error`; `end` is its parent's node.
      case unmapped
    }

    var start: Int32
    var end: Int32
    var kind: Kind
  }

  /// The tape's node for each slot; -1 where the item has nothing.
  private var slots = Slab<Int32>(capacity: 32)
  private(set) var segments = Slab<Segment>(capacity: 32)
  /// The tree's nodes whose targets have joined a map that remains.
  private var joined = Slab<Int32>(capacity: 8)
  private(set) var frame = Frame()
  /// A value between two steps: text, a number's text, or a binary's base64.
  var text = ByteBuffer(capacity: 256)
  /// Where the next step writes.
  private var next = ByteBuffer(capacity: 256)
  /// Where each hole of the template in `text` ends.
  var holeEnds = Slab<Int32>(capacity: 8)

  /// Where the slabs' part of the conversion under way begins: one for `each` element runs on top of the item's.
  struct Frame: BitwiseCopyable {
    var slots = 0
    var segments = 0
    var joined = 0
  }

  package init() {}

  /// Begins a conversion with `count` slots, all empty; returns what `end` takes.
  mutating func begin(slots count: Int) -> Frame {
    let outer = frame
    frame = Frame(slots: slots.count, segments: segments.count, joined: joined.count)
    for _ in 0..<count { slots.append(-1) }
    return outer
  }

  mutating func end(_ outer: Frame) {
    slots.truncate(to: frame.slots)
    segments.truncate(to: frame.segments)
    joined.truncate(to: frame.joined)
    frame = outer
  }

  subscript(slot: Int) -> Int {
    @inline(__always) get { Int(slots[frame.slots &+ slot]) }
    set { slots[frame.slots &+ slot] = Int32(truncatingIfNeeded: newValue) }
  }

  mutating func append(_ segment: Segment) { segments.append(segment) }

  /// Ends the run that began at `start`, if there is one.
  mutating func endRun(_ start: inout Int32, _ end: Int32) {
    guard start >= 0 else { return }
    segments.append(Segment(start: start, end: end, kind: .run))
    start = -1
  }

  /// Puts the converted `text` in its place.
  mutating func convertText(_ conversion: Conversion) throws(ConversionFault) {
    next.removeAll()
    try Self.convert(text, conversion, &next)
    swap(&text, &next)
  }

  private static func convert(
    _ text: borrowing ByteBuffer, _ conversion: Conversion, _ next: inout ByteBuffer
  ) throws(ConversionFault) {
    try conversion.appendConverted(text.span, to: &next)
  }

  func hasJoined(_ node: Int) -> Bool {
    var index = frame.joined
    while index < joined.count {
      if joined[index] == Int32(truncatingIfNeeded: node) { return true }
      index &+= 1
    }
    return false
  }

  mutating func join(_ node: Int) { joined.append(Int32(truncatingIfNeeded: node)) }
}
