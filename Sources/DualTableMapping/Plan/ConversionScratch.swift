import DynamoDBModel
import HTTPTransport

/// What one conversion after the other needs to work in; made once for a worker, it grows to the largest item and allocates no more.
struct ConversionScratch: ~Copyable {
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
  /// The node of each plan's tree for each path that the tape has a number for; `unknown` where none of its items was met there yet.
  private var children = Slab<Int32>(capacity: Self.numbers)
  /// The tape's numbering that `children` goes by.
  private var numbering: UInt64 = 0

  /// Numbers of paths that a plan has room for; others are looked up by name each time.
  private static let numbers = 2_048
  static let unknown: Int32 = -2
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
    var children = 0
  }

  /// Begins with a tape, or goes on with it.
  mutating func begin(_ tape: borrowing ItemTape) {
    guard numbering != tape.numbering else { return }
    numbering = tape.numbering
    children.removeAll()
  }

  /// Begins a conversion by plan number `plan` with `count` slots, all empty; returns what `end` takes.
  mutating func begin(plan: Int, slots count: Int) -> Frame {
    let outer = frame
    frame = Frame(slots: slots.count, segments: segments.count, joined: joined.count, children: plan * Self.numbers)
    slots.append(-1, count: count)
    let missing = frame.children + Self.numbers - children.count
    if missing > 0 { children.append(Self.unknown, count: missing) }
    return outer
  }

  /// The node for a path's number, -1 if the plan has none there; `unknown` if that isn't known.
  @inline(__always)
  func child(_ number: UInt16) -> Int32 { number < Self.numbers ? children[frame.children &+ Int(number)] : Self.unknown }

  mutating func learn(_ child: Int, for number: UInt16) {
    if number < Self.numbers { children[frame.children + Int(number)] = Int32(child) }
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
