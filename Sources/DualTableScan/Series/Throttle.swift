/// Requests that were refused for their rate, by the reason that the service gave.
package struct Throttle: Sendable, Hashable {
  /// Whose limit was met.
  package enum Access: String, Sendable, Hashable, CaseIterable {
    case read, write
  }

  package let access: Access
  /// The service's word, as in `TableWriteProvisionedThroughputExceeded`.
  package let reason: String
  package var count: Int

  package init(access: Access, reason: String, count: Int = 1) {
    self.access = access
    self.reason = reason
    self.count = count
  }
}

extension [Throttle] {
  /// Reasons that are told apart. They come from outside, and what is recorded of a run is bounded.
  static let mostReasons = 32

  /// Adds to those of the same reason.
  package mutating func add(_ throttle: Throttle) {
    if let index = firstIndex(where: { $0.access == throttle.access && $0.reason == throttle.reason }) {
      self[index].count += throttle.count
    } else if count < Self.mostReasons || throttle.reason == "other" {
      append(throttle)
    } else {
      add(Throttle(access: throttle.access, reason: "other", count: throttle.count))
    }
  }

  package static func += (left: inout Self, right: Self) {
    for throttle in right { left.add(throttle) }
  }
}
