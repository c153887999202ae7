internal import HTTPTransport
internal import Synchronization

/// The leads met so far, and a hash table that finds one by its parent and name.
///
/// It grows with the different names under different parents of the items read. Tables whose maps are keyed by data have no end of them, so
/// between items, when there are many, it starts afresh.
internal struct LeadTable: ~Copyable {
  private(set) var leads: Slab<Lead>
  /// Names, one behind the other.
  private var keys: ByteBuffer
  /// Indexes into `leads`, 0 for free.
  private var slots: Slab<UInt32>
  /// The map that was opened last, counted from the table's begin.
  private var scope: UInt32 = 0
  /// Whose numbers these leads have; no other table's, and none of this one before it started afresh.
  private(set) var numbering: UInt64 = 0

  private static let numberings = Atomic<UInt64>(0)

  /// No lead: nothing is it, and nothing comes behind it.
  static let none: UInt32 = 0
  /// The item's own.
  static let root: UInt32 = 1
  /// Leads kept between items.
  private static let enough = 2_048

  init() {
    leads = Slab(capacity: 0)
    keys = ByteBuffer()
    slots = Slab(capacity: 0)
    restart()
  }

  private mutating func restart() {
    leads = Slab(capacity: 64)
    keys = ByteBuffer(capacity: 512)
    slots = Slab(repeating: 0, count: 256)
    leads.append(Lead(parent: Self.none, hash: 0, key: 0..<0))
    leads.append(Lead(parent: Self.none, hash: 0, key: 0..<0))
    scope = 0
    numbering = Self.numberings.add(1, ordering: .relaxed).newValue
  }

  /// Call before each item.
  @inline(__always)
  mutating func begin() {
    // A map takes more than two bytes, so that one item can't use up the other half of the numbers.
    if leads.count > Self.enough || scope > UInt32.max / 2 { restart() }
  }

  /// A number for a map just opened.
  @inline(__always)
  mutating func openScope() -> UInt32 {
    scope &+= 1
    return scope
  }

  @inline(__always)
  subscript(_ index: UInt32) -> Lead {
    _read { yield leads[Int(index)] }
    _modify { yield &leads[Int(index)] }
  }

  /// Notes that the lead is met in the map `scope`.
  ///
  /// A lead belongs to one path: twice in one map, it is the same name twice.
  ///
  /// - Returns: false if it was met there before.
  @inline(__always)
  mutating func enter(_ index: UInt32, _ scope: UInt32) -> Bool {
    if leads[Int(index)].scope == scope { return false }
    leads[Int(index)].scope = scope
    return true
  }

  /// The lead of the name under `parent`; of an element of a list the name is empty.
  mutating func find(_ name: Span<UInt8>, under parent: UInt32) -> UInt32 {
    let hash = Self.hash(name, parent)
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != Self.none {
      let index = slots[slot]
      let lead = leads[Int(index)]
      if lead.hash == hash && lead.parent == parent {
        let key = keys.span.extracting(Int(lead.keyStart)..<Int(lead.keyStart + lead.keyCount))
        if UTF8Text.equal(key, name) { return index }
      }
      slot = (slot + 1) & mask
    }
    let start = keys.count
    keys.append(name)
    slots[slot] = UInt32(leads.count)
    leads.append(Lead(parent: parent, hash: hash, key: start..<keys.count))
    if leads.count * 2 > slots.count { grow() }
    return UInt32(leads.count - 1)
  }

  private mutating func grow() {
    slots = Slab(repeating: 0, count: slots.count * 2)
    let mask = slots.count - 1
    for index in 2..<leads.count {
      var slot = Int(leads[index].hash) & mask
      while slots[slot] != Self.none { slot = (slot + 1) & mask }
      slots[slot] = UInt32(index)
    }
  }

  /// Eight bytes at a time, multiplied and folded.
  private static func hash(_ name: Span<UInt8>, _ parent: UInt32) -> UInt32 {
    let window = ByteWindow(name)
    let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    var hash = (UInt64(parent) << 32 | UInt64(name.count)) &* factor
    var index = 0
    while index < name.count {
      hash = (hash ^ window.word(at: index)) &* factor
      hash ^= hash &>> 32
      index += 8
    }
    return UInt32(truncatingIfNeeded: hash &>> 32)
  }
}
