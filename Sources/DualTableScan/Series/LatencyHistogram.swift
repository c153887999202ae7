/// How long requests took: counts in classes whose width grows with the time, of a fixed size whatever is counted.
///
/// Eight classes to each doubling, from a microsecond to an hour: a percentile is right to a sixteenth. Counting one is a shift and an
/// addition.
package struct LatencyHistogram: Sendable, Hashable {
  /// Counts, class by class.
  package private(set) var counts = [Int](repeating: 0, count: Self.classes)
  /// How many were counted.
  package private(set) var total = 0

  package static let classes = 240

  package init() {}

  /// Counts one.
  package mutating func add(nanoseconds: Int64) { add(1, to: Self.index(of: UInt64(max(0, nanoseconds)) / 1_000)) }

  /// Counts so many in a class.
  mutating func add(_ count: Int, to index: Int) {
    counts[index] += count
    total += count
  }

  /// Forgets everything.
  package mutating func removeAll() { self = Self() }

  package static func += (left: inout Self, right: Self) {
    guard right.total > 0 else { return }
    for index in 0..<classes { left.counts[index] += right.counts[index] }
    left.total += right.total
  }

  /// The time within which this share of the requests were answered, in seconds: the middle of its class; nil where none was counted.
  ///
  /// - Parameter share: 0...1, as 0.99 for the 99th percentile.
  package func seconds(of share: Double) -> Double? {
    guard total > 0 else { return nil }
    var left = max(1, Int((Double(total) * share).rounded(.up)))
    for index in 0..<Self.classes {
      left -= counts[index]
      if left <= 0 { return Double(Self.lowest(index) + Self.lowest(index + 1)) / 2e6 }
    }
    return nil
  }

  private static func index(of microseconds: UInt64) -> Int {
    let value = min(microseconds, UInt64(UInt32.max))
    guard value >= 8 else { return Int(value) }
    let exponent = 63 - value.leadingZeroBitCount
    return (exponent - 2) * 8 + Int(value >> UInt64(exponent - 3) & 7)
  }

  /// The lowest value of a class, in microseconds.
  private static func lowest(_ index: Int) -> UInt64 {
    index < 8 ? UInt64(index) : UInt64(8 + index % 8) << UInt64(index / 8 - 1)
  }
}
