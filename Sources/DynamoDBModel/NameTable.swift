/// What finds a name that stands twice in one map: a hash table over all names of one item, each with the map that it belongs to.
///
/// It isn't cleared between items: an entry counts only if it was made since `begin`. The names stay in the input; the table knows them by
/// node, and leaves comparing to whoever can read them.
internal struct NameTable: ~Copyable {
  struct Entry: BitwiseCopyable {
    var hash: UInt32
    /// The round in which the entry was made, 0 for never.
    var round: UInt32
    var scope: UInt32
    var node: UInt32
  }

  private var slots: Slab<Entry>
  private var mask: Int
  private var round: UInt32 = 0
  private var held = 0

  init() {
    slots = Slab(repeating: Entry(hash: 0, round: 0, scope: 0, node: 0), count: 256)
    mask = 255
  }

  /// Forgets all names.
  @inline(__always)
  mutating func begin() {
    held = 0
    round &+= 1
    if round == 0 { clear() }
  }

  /// The slot to look at first for a name with this hash.
  @inline(__always)
  func slot(_ hash: UInt32, _ scope: UInt32) -> Int { Int(truncatingIfNeeded: hash ^ (scope &* 0x9E37_79B1)) & mask }

  /// The node at `slot` if it may have the name looked for; goes past other names. Nil when the name isn't there, with `slot` free.
  @inline(__always)
  func candidate(_ slot: inout Int, _ hash: UInt32, _ scope: UInt32) -> UInt32? {
    while true {
      let entry = slots[slot]
      if entry.round != round { return nil }
      if entry.hash == hash && entry.scope == scope { return entry.node }
      slot = (slot &+ 1) & mask
    }
  }

  /// Goes to the slot behind one whose candidate was another name.
  func next(_ slot: Int) -> Int { (slot &+ 1) & mask }

  /// Fills the free slot that `candidate` ended at.
  @inline(__always)
  mutating func insert(at slot: Int, _ hash: UInt32, _ scope: UInt32, node: UInt32) {
    slots[slot] = Entry(hash: hash, round: round, scope: scope, node: node)
    held &+= 1
    if held &* 2 > mask { grow() }
  }

  @inline(never)
  private mutating func clear() {
    for slot in 0..<slots.count { slots[slot].round = 0 }
    round = 1
  }

  @inline(never)
  private mutating func grow() {
    var old = Slab<Entry>(repeating: Entry(hash: 0, round: 0, scope: 0, node: 0), count: slots.count * 2)
    swap(&old, &slots)
    mask = slots.count - 1
    for index in 0..<old.count where old[index].round == round {
      let entry = old[index]
      var place = slot(entry.hash, entry.scope)
      while slots[place].round == round { place = next(place) }
      slots[place] = entry
    }
  }
}
