internal import DynamoDBClient
internal import DynamoDBModel

/// The items of a table that have expired or will, in the order in which the service gets to deleting them.
///
/// The service deletes an expired item some time later, so each one waits for a delay that is drawn from a seed and its key. Items whose
/// time lies more than five years back are kept, as the service keeps them.
struct ExpiryQueue: Sendable {
  let attribute: String
  private let seed: UInt64
  /// The longest that an expired item is still there, in milliseconds.
  private let longestDelay: Int64
  private var due = OrderedTree<Place>()

  private static let fiveYears: Int64 = 5 * 365 * 86_400

  init(attribute: String, seed: UInt64, longestDelay: Int64) {
    self.attribute = attribute
    self.seed = seed
    self.longestDelay = longestDelay
  }

  mutating func replace(_ old: StoredItem?, with new: StoredItem?, at place: Place) {
    if let old, let time = self.time(of: old, at: place) { due.remove(time) }
    if let new, let time = self.time(of: new, at: place) { due.set(place, at: time) }
  }

  /// The place of the item that is to be deleted next, if that is due; it leaves the queue.
  ///
  /// - Parameter now: milliseconds since 1970 UTC.
  mutating func next(at now: Int64) -> Place? {
    var found: (time: Place, place: Place)?
    due.walk(from: .first) { time, place in
      found = (time, place)
      return false
    }
    guard let found, found.time.hash <= UInt64(max(0, now)) else { return nil }
    due.remove(found.time)
    return found.place
  }

  /// True if an item whose time this is was kept too long to be deleted.
  static func isTooOld(_ seconds: Int64, at now: Int64) -> Bool { now / 1_000 - seconds > fiveYears }

  /// The item's time in seconds since 1970 UTC; nil where the attribute is missing or no number.
  func seconds(of stored: StoredItem) -> Int64? {
    guard case .number(let number)? = stored.item[attribute] else { return nil }
    let whole = number.canonicalText.split(separator: ".").first.flatMap { Int64($0) }
    return whole.flatMap { $0 > 0 && $0 < 1 << 40 ? $0 : nil }
  }

  /// Where the item waits: by the moment of its deletion, then by its place.
  private func time(of stored: StoredItem, at place: Place) -> Place? {
    guard let seconds = seconds(of: stored) else { return nil }
    var generator = SeededGenerator(seed: seed ^ place.hash)
    let delay = longestDelay > 0 ? Int64(generator.below(Int(longestDelay) + 1)) : 0
    var key: [UInt8] = []
    for shift in stride(from: UInt64(56), through: 0, by: -8) { key.append(UInt8(truncatingIfNeeded: place.hash >> shift)) }
    return Place(hash: UInt64(seconds * 1_000 + delay), key: key + place.key)
  }
}
