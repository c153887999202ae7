/// A set of digests in memory, open addressing, in which each can be marked as seen.
struct DigestTable: Sendable {
  /// Two words a place, both zero where it is empty; the lowest bit of the second is the mark.
  private var slots: [UInt64]
  private var mask: Int
  /// Digests held.
  private(set) var count = 0
  /// Digests held that aren't marked.
  private(set) var unmarked = 0

  /// An empty table that takes `expected` digests without growing.
  init(expected: Int) {
    var places = 1_024
    while places * 7 / 10 < expected { places *= 2 }
    slots = Array(repeating: 0, count: 2 * places)
    mask = places - 1
  }

  /// Puts `digest` in, if it isn't there.
  ///
  /// - Returns: false if it was.
  mutating func insert(_ digest: IDDigest, marked: Bool = false) -> Bool {
    if count >= (mask + 1) * 7 / 10 { grow() }
    let place = place(of: digest)
    guard slots[place] == 0 && slots[place + 1] == 0 else { return false }
    slots[place] = digest.low
    slots[place + 1] = digest.high | (marked ? 1 : 0)
    count += 1
    if !marked { unmarked += 1 }
    return true
  }

  /// Marks `digest` as seen.
  ///
  /// - Returns: false if it isn't there.
  mutating func mark(_ digest: IDDigest) -> Bool {
    let place = place(of: digest)
    guard slots[place] != 0 || slots[place + 1] != 0 else { return false }
    if slots[place + 1] & 1 == 0 {
      slots[place + 1] |= 1
      unmarked -= 1
    }
    return true
  }

  /// The index of the digest's words, or of the empty place where they belong.
  private func place(of digest: IDDigest) -> Int {
    // Partition and part are cut from the words' upper bits, so the lower ones are as good as new.
    var place = Int(truncatingIfNeeded: digest.low ^ digest.high &>> 1) & mask
    while true {
      let (low, high) = (slots[2 * place], slots[2 * place + 1])
      if low == digest.low && high & ~1 == digest.high || low == 0 && high == 0 { return 2 * place }
      place = (place + 1) & mask
    }
  }

  private mutating func grow() {
    var larger = DigestTable(expected: 2 * count + 1)
    for place in stride(from: 0, to: slots.count, by: 2) where slots[place] != 0 || slots[place + 1] != 0 {
      _ = larger.insert(IDDigest(low: slots[place], high: slots[place + 1]), marked: slots[place + 1] & 1 == 1)
    }
    self = larger
  }
}
