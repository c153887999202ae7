/// A set of digests in memory, open addressing, in which each can be marked as seen and, if wanted, has a content beside it.
struct DigestTable: Sendable {
  /// Two words a place, both zero where it is empty; the lowest bit of the second is the mark.
  private var slots: [UInt64]
  /// A word a place; empty where contents don't count.
  private var contents: [UInt64]
  private var mask: Int
  /// Digests held.
  private(set) var count = 0
  /// Digests held that aren't marked.
  private(set) var unmarked = 0

  /// At most four fifths of the places are taken: a search then looks at three of them on average.
  private static func isFull(_ count: Int, of places: Int) -> Bool { count * 5 >= places * 4 }

  /// An empty table that takes `expected` digests without growing.
  init(expected: Int, hasContents: Bool = false) {
    var places = 1_024
    while Self.isFull(expected, of: places) { places *= 2 }
    slots = Array(repeating: 0, count: 2 * places)
    contents = Array(repeating: 0, count: hasContents ? places : 0)
    mask = places - 1
  }

  /// Puts `digest` in, if it isn't there.
  ///
  /// - Returns: false if it was.
  mutating func insert(_ digest: IDDigest, content: ContentDigest = .tombstone, marked: Bool = false) -> Bool {
    if Self.isFull(count, of: mask + 1) { grow() }
    let place = place(of: digest)
    guard slots[2 * place] == 0 && slots[2 * place + 1] == 0 else { return false }
    slots[2 * place] = digest.low
    slots[2 * place + 1] = digest.high | (marked ? 1 : 0)
    if !contents.isEmpty { contents[place] = content.value }
    count += 1
    if !marked { unmarked += 1 }
    return true
  }

  /// What marking a digest found.
  enum Finding: Equatable {
    case absent
    /// It is there, with this content (a tombstone's where contents don't count), and wasn't marked.
    case first(ContentDigest)
    /// It was marked before.
    case again
  }

  /// Marks `digest` as seen, if it is there.
  mutating func mark(_ digest: IDDigest) -> Finding {
    let place = place(of: digest)
    guard slots[2 * place] != 0 || slots[2 * place + 1] != 0 else { return .absent }
    guard slots[2 * place + 1] & 1 == 0 else { return .again }
    slots[2 * place + 1] |= 1
    unmarked -= 1
    return .first(contents.isEmpty ? .tombstone : ContentDigest(value: contents[place]))
  }

  /// Reads the places where these digests belong, so that they come into the cache all at once: one search after the other, each waits for
  /// the memory alone, which was half of a comparison's time.
  ///
  /// - Returns: nothing of meaning, but something that the compiler must read for.
  func warm(_ digests: [IDDigest]) -> UInt64 {
    var seen: UInt64 = 0
    for digest in digests { seen ^= slots[2 * firstPlace(of: digest)] }
    return seen
  }

  // Partition and part are cut from the words' upper bits, so the lower ones are as good as new.
  private func firstPlace(of digest: IDDigest) -> Int { Int(truncatingIfNeeded: digest.low ^ digest.high &>> 1) & mask }

  /// The place of the digest, or the empty one where it belongs.
  private func place(of digest: IDDigest) -> Int {
    var place = firstPlace(of: digest)
    while true {
      let (low, high) = (slots[2 * place], slots[2 * place + 1])
      if low == digest.low && high & ~1 == digest.high || low == 0 && high == 0 { return place }
      place = (place + 1) & mask
    }
  }

  private mutating func grow() {
    var larger = DigestTable(expected: 2 * count + 1, hasContents: !contents.isEmpty)
    for place in 0...mask where slots[2 * place] != 0 || slots[2 * place + 1] != 0 {
      _ = larger.insert(
        IDDigest(low: slots[2 * place], high: slots[2 * place + 1]), content: ContentDigest(value: contents.isEmpty ? 0 : contents[place]),
        marked: slots[2 * place + 1] & 1 == 1)
    }
    self = larger
  }
}
