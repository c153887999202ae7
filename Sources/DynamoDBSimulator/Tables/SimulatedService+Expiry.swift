internal import DynamoDBClient
internal import DynamoDBModel

extension SimulatedTable {
  /// Deletes the items whose time has come.
  mutating func sweep(at now: Int64, _ workspace: inout Workspace) {
    guard var queue = expiry else { return }
    expiry = nil
    var due: [Place] = []
    while let place = queue.next(at: now) {
      guard let stored = self[place], let seconds = queue.seconds(of: stored), !ExpiryQueue.isTooOld(seconds, at: now) else { continue }
      due.append(place)
    }
    for place in due { apply(write(nil, at: place, &workspace)) }
    expiry = queue
  }

  /// Begins to delete expired items, those that are there included.
  mutating func expire(by attribute: String, seed: UInt64, longestDelay: Int64) {
    var queue = ExpiryQueue(attribute: attribute, seed: seed, longestDelay: longestDelay)
    items.walk(from: .first) { place, stored in
      queue.replace(nil, with: stored, at: place)
      return true
    }
    expiry = queue
  }
}

extension SimulatedService {
  /// A UUID made of a seed and a count.
  static func id(_ seed: UInt64, _ count: UInt64) -> String {
    var generator = SeededGenerator(seed: seed ^ count &* 0x9E37_79B9_7F4A_7C15)
    var digits: [Character] = []
    for _ in 0..<2 {
      let text = String(generator.next(), radix: 16)
      digits += String(repeating: "0", count: 16 - text.count) + text
    }
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}
