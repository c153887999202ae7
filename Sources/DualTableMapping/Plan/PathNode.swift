/// A name, or a place in a list, that a block knows: what becomes of an item's value there.
///
/// Nodes of one plan lie in one array, children side by side, with names in a byte table beside it: nothing here is counted or hashed.
struct PathNode: BitwiseCopyable {
  /// The name's first eight bytes, low byte first, the rest zero; most names differ in it or in length.
  var word: UInt64 = 0
  var nameStart: Int32 = 0
  var nameCount: Int32 = 0
  /// What a target is written with, from the comma before its name to where its value, or what is in it, begins; in the tree's wire bytes.
  var opening: ByteRange = .none
  /// Bytes of the target's name as JSON, between its quotes.
  var writtenNameCount: Int32 = 0
  /// The place in a list; -1 for a name.
  var index: Int32 = -1
  /// Those that are written or have targets below come first, by name, then the others.
  var firstChild: Int32 = 0
  var childCount: Int32 = 0
  var writtenCount: Int32 = 0
  /// Where the children's part of the tree's hash table begins, and the bits by which a hash is shifted to its place there.
  var tableStart: Int32 = 0
  var tableShift: UInt8 = 0
  /// Where the value is noted for the rules that read it; -1 if none does.
  var slot: Int32 = -1
  /// The rule that writes here; -1 if none does.
  var rule: Int32 = -1
  var marks: Marks = []

  struct Marks: OptionSet, BitwiseCopyable {
    let rawValue: UInt16
    /// A rule or `drop` takes all of the value.
    static let taken = Marks(rawValue: 1)
    static let takenBelow = Marks(rawValue: 2)
    /// A rule says that the value stays where it is.
    static let stays = Marks(rawValue: 4)
    static let staysBelow = Marks(rawValue: 8)
    static let readBelow = Marks(rawValue: 16)
    static let writtenBelow = Marks(rawValue: 32)
    /// The tombstone mark, which no item of OLD may have.
    static let reserved = Marks(rawValue: 64)
    /// The value isn't just copied, or just left out, with its neighbors.
    static let needsWork = Marks(rawValue: 128)
    /// The value is taken, and nothing in it is of interest.
    static let gone = Marks(rawValue: 256)
    static let anyWork: Marks = [.reserved, .needsWork, .readBelow]
  }

  var children: Range<Int> { Int(firstChild)..<Int(firstChild + childCount) }
  var writtenChildren: Range<Int> { Int(firstChild)..<Int(firstChild + writtenCount) }
  var isWritten: Bool { rule >= 0 || marks.contains(.writtenBelow) }
}
