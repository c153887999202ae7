import DynamoDBModel
import HTTPTransport

/// What one conversion after the other needs to work in; made once for a worker, it grows to the largest item and allocates no more.
struct ConversionScratch: ~Copyable {
  /// A piece of what is left of the item, in its order; the tape's nodes are counted from the one that is converted.
  struct Segment: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
      /// The tape's siblings from `start` to `end`, copied as they are.
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

  /// A plan's own part of the slabs, with what the walk over its last item or map found out.
  struct Region: BitwiseCopyable {
    var slots: Int
    var segments: Int
    var shape: Int
    /// Behind the segments there are, and behind those there can be.
    var segmentsEnd: Int
    var segmentLimit: Int
    /// Nodes of that item, 0 if it isn't to be recognized.
    var shapeCount = 0
  }

  /// The conversion under way: one for `each` element runs within the item's.
  struct Frame: BitwiseCopyable {
    var plan = 0
    /// The tape's node that is converted.
    var index = 0
    var slots = 0
    var segments = 0
    var segmentsEnd = 0
    var joined = 0
    var children = 0
  }

  private var regions = Slab<Region>(capacity: 4)
  /// The tape's node for each slot, counted from the one that is converted; `absent` where the item has nothing.
  private var slots = Slab<Int32>(capacity: 32)
  private(set) var segments = Slab<Segment>(capacity: 64)
  /// Shapes of nodes.
  private var shapes = Slab<UInt64>(capacity: 64)
  /// The tree's nodes whose targets have joined a map that remains.
  private var joined = Slab<Int32>(capacity: 8)
  private(set) var frame = Frame()
  /// The node of each plan's tree for each path that the tape has a number for; `unknown` where none of its items was met there yet.
  private var children = Slab<Int32>(capacity: Self.numbers)
  /// The tape's numbering that `children` and `shapes` go by.
  private var numbering: UInt64 = 0

  /// Numbers of paths that a plan has room for; others are looked up by name each time.
  private static let numbers = 2_048
  /// Nodes that an item may have to be recognized: with more of them two items are hardly ever alike.
  private static let longestShape = 32
  private static let absent = Int32.min / 2
  static let unknown: Int32 = -2
  /// A value between two steps: text, a number's text, or a binary's base64.
  var text = ByteBuffer(capacity: 256)
  /// Where the next step writes.
  private var next = ByteBuffer(capacity: 256)
  /// True where somebody wants to know where the result's attributes lie.
  var notesPlaces = false
  /// Where the attributes lie of the result that was written last; empty unless `notesPlaces`.
  var places = Slab<AttributePlace>(capacity: 16)
  /// Where each hole of the template in `text` ends.
  var holeEnds = Slab<Int32>(capacity: 8)

  /// Begins with a tape, or goes on with it.
  mutating func begin(_ tape: borrowing ItemTape) {
    guard numbering != tape.numbering else { return }
    numbering = tape.numbering
    for index in 0..<children.count { children[index] = Self.unknown }
    for plan in 0..<regions.count { regions[plan].shapeCount = 0 }
  }

  /// Begins a conversion of the tape's node at `index`; returns what `end` takes.
  ///
  /// The items of a table are alike. What a walk finds out about one follows from its shape: how many nodes it has, of what type and at what
  /// path each. So the next one of that shape needs no walk, which is an eighth of its conversion.
  mutating func begin(_ plan: BlockPlan, at index: Int, _ tape: borrowing ItemTape) -> (outer: Frame, isKnown: Bool) {
    let outer = frame
    let number = plan.number
    if number >= regions.count || regions[number].segmentLimit == 0 { makeRoom(for: plan) }
    frame.plan = number
    frame.index = index
    frame.slots = regions[number].slots
    frame.segments = regions[number].segments
    frame.segmentsEnd = regions[number].segmentsEnd
    frame.joined = joined.count
    frame.children = number &* Self.numbers
    let isKnown = isShape(of: number, at: index, tape)
    if !isKnown { forget(plan) }
    return (outer, isKnown)
  }

  private mutating func forget(_ plan: BlockPlan) {
    regions[plan.number].shapeCount = 0
    frame.segmentsEnd = frame.segments
    for slot in frame.slots..<frame.slots + plan.slotPaths.count { slots[slot] = Self.absent }
  }

  /// Keeps what the walk has found out for the next item of this shape.
  mutating func learn(_ tape: borrowing ItemTape) {
    let count = tape[frame.index].end - frame.index
    guard count <= Self.longestShape else { return }
    for place in 0..<count {
      let node = tape[frame.index + place]
      if node.path == ItemTape.Node.unnumbered { return }
      shapes[regions[frame.plan].shape + place] = node.shape &- UInt64(frame.index)
    }
    regions[frame.plan].shapeCount = count
    regions[frame.plan].segmentsEnd = frame.segmentsEnd
  }

  @inline(__always)
  private func isShape(of plan: Int, at index: Int, _ tape: borrowing ItemTape) -> Bool {
    let count = regions[plan].shapeCount
    guard count > 0, tape[index].end &- index == count else { return false }
    let shape = regions[plan].shape
    var place = 0
    while place < count {
      if tape[index &+ place].shape &- UInt64(truncatingIfNeeded: index) != shapes[shape &+ place] { return false }
      place &+= 1
    }
    return true
  }

  @inline(never)
  private mutating func makeRoom(for plan: BlockPlan) {
    while regions.count <= plan.number {
      regions.append(Region(slots: 0, segments: 0, shape: 0, segmentsEnd: 0, segmentLimit: 0))
      children.append(Self.unknown, count: Self.numbers)
    }
    // A node of the tree makes two segments at most and ends a run, a map that is entered one more; between two segments of other kinds lies
    // at most one of what is unmapped.
    let most = 8 * (plan.tree.nodes.count + 1)
    regions[plan.number] = Region(
      slots: slots.count, segments: segments.count, shape: shapes.count, segmentsEnd: segments.count, segmentLimit: segments.count + most)
    slots.append(Self.absent, count: plan.slotPaths.count)
    segments.append(Segment(start: 0, end: 0, kind: .leave), count: most)
    shapes.append(0, count: Self.longestShape)
  }

  /// The node for a path's number, -1 if the plan has none there; `unknown` if that isn't known.
  @inline(__always)
  func child(_ number: UInt16) -> Int32 { number < Self.numbers ? children[frame.children &+ Int(number)] : Self.unknown }

  mutating func learn(_ child: Int, for number: UInt16) {
    if number < Self.numbers { children[frame.children + Int(number)] = Int32(child) }
  }

  mutating func end(_ outer: Frame) {
    joined.truncate(to: frame.joined)
    frame = outer
  }

  /// The tape's node for a slot; below 0 where the item has nothing.
  subscript(slot: Int) -> Int {
    @inline(__always) get { Int(slots[frame.slots &+ slot]) &+ frame.index }
    set { slots[frame.slots &+ slot] = Int32(truncatingIfNeeded: newValue &- frame.index) }
  }

  mutating func append(_ kind: Segment.Kind, _ start: Int, _ end: Int) {
    precondition(frame.segmentsEnd < regions[frame.plan].segmentLimit)
    let isOnTape = kind != .leave
    segments[frame.segmentsEnd] = Segment(
      start: isOnTape ? Int32(truncatingIfNeeded: start &- frame.index) : 0,
      end: Int32(truncatingIfNeeded: kind == .run ? end &- frame.index : end), kind: kind)
    frame.segmentsEnd &+= 1
  }

  /// Appends a value that no rule knows; behind another one it would never be come to.
  mutating func appendUnmapped(_ index: Int, _ parent: Int) {
    if frame.segmentsEnd > frame.segments, segments[frame.segmentsEnd - 1].kind == .unmapped { return }
    append(.unmapped, index, parent)
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

  /// Notes the attribute that was written last, from `mark` on: a comma unless it is the first, its name in quotes, a colon and its value.
  ///
  /// - Parameter value: where the value begins; nil: right behind the colon, with no blanks around it.
  mutating func notePlace(from mark: Int, nameCount: Int, value: Int? = nil, _ out: borrowing ByteBuffer) {
    let start = mark + (out[mark] == UInt8(ascii: ",") ? 2 : 1)
    let end = start + nameCount
    places.append(AttributePlace(name: start..<end, value: (value ?? end + 2)..<out.count))
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
