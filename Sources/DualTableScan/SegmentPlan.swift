internal import DynamoDBClient

/// How many segments a scan has, and in which order they are taken.
package struct SegmentPlan: Sendable, Hashable {
  /// `TotalSegments` of every page's request.
  package let count: Int
  /// The segments 0..<count in the order in which they are handed out.
  package let order: [Int32]

  /// Puts `count` segments in a random order, the same one for the same seed.
  ///
  /// A scan runs in hash order, so neighbors among the segments write neighbors among the new table's partitions; a random order
  /// spreads the writes of any moment over all of them.
  ///
  /// - Parameters:
  ///   - count: 1 to 1,000,000, the service's limit.
  ///   - seed: from the manifest, so that a resumed run goes on in the order it began with.
  package init(count: Int, seed: UInt64) {
    precondition(count >= 1 && count <= Self.serviceLimit)
    var order = (0..<Int32(count)).map { $0 }
    // Our own shuffle: the standard library's may change between versions, and a seed must replay a run.
    var generator = SeededGenerator(seed: seed)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, generator.below(last + 1))
    }
    self.count = count
    self.order = order
  }

  /// How many segments in the plan's order the next one is chosen from: enough to spread, and quick where there are a million.
  static let choice = 256

  /// Of some segments the one that lies farthest from the nearest open one; the first of several, or if none is open.
  ///
  /// A segment writes one partition of the new table. Taken blindly, the slower ones pile up in whichever partition happened to get
  /// more, since those leave last, and others go without: of four partitions and sixteen open segments only 0.84 is used, however many
  /// segments there are.
  func farthest(of segments: some Sequence<Int>, from open: [Int]) -> Int? {
    var best: (segment: Int, distance: Int)?
    for segment in segments {
      var distance = count
      for other in open where distance > best?.distance ?? 0 { distance = min(distance, abs(other - segment)) }
      if distance > best?.distance ?? 0 { best = (segment, distance) }
    }
    return best?.segment
  }

  /// The most segments that a scan can have.
  package static let serviceLimit = 1_000_000
  /// The most segments that are chosen without being asked for.
  package static let chosenLimit = 4_096

  /// The number of segments for a table: `max(4 × open, 20 × partitions, size / 128 MB)`, at most 4,096; and up to 250 × partitions as
  /// long as each has 256 KB.
  ///
  /// The last segments open hold up their partitions when others have none left, for a segment's time or so. Of a million items of 3 KB
  /// over four partitions, the last tenth had 0.61 of the first one's throughput with 80 segments, 0.92 with 400 and
  /// 0.98 with 1,000.
  ///
  /// - Parameters:
  ///   - tableBytes: the scanned table's size, as DescribeTable tells it; 0 where unknown.
  ///   - newTableBytes: the size of the table written; 0 where unknown or where nothing is written.
  ///   - openSegments: segments that are worked on at once.
  ///   - writeUnits: WCU a second of the table written, provisioned or warm; 0 where unknown or where nothing is written.
  ///   - readUnits: RCU a second of that table, likewise.
  package static func count(
    tableBytes: Int, newTableBytes: Int = 0, openSegments: Int, writeUnits: Int = 0, readUnits: Int = 0
  ) -> Int {
    // The table written will be about as large as the one read.
    let partitions = min(
      chosenLimit,
      max(
        1, divide(max(tableBytes, newTableBytes), by: 10_000_000_000), divide(writeUnits, by: 1_000), divide(readUnits, by: 3_000)))
    let short = min(250 * partitions, divide(tableBytes, by: 256_000))
    return min(chosenLimit, max(4 * openSegments, 20 * partitions, short, divide(tableBytes, by: 128_000_000)))
  }

  /// The number of segments for a run that several processes share: enough for many of them, if each has items for its own.
  ///
  /// A lease costs a write to claim and one to end, which some eight hundred items make a quarter of a hundredth of all writes.
  ///
  /// - Parameters:
  ///   - count: for one process.
  ///   - items: of the scanned table; 0 where unknown.
  package static func sharedCount(_ count: Int, openSegments: Int, items: Int) -> Int {
    items > 0 ? max(min(max(count, 1_024), items / 800), min(count, 4 * openSegments)) : count
  }

  /// The number of segments for a verification that several processes share.
  ///
  /// Smaller ones than a backfill's, some 32 MB: the new table's part of one is read again by whoever takes it over.
  ///
  /// - Parameters:
  ///   - tableBytes: the larger table's size; 0 where unknown.
  ///   - items: the larger table's, likewise.
  package static func verifyCount(tableBytes: Int, items: Int, openSegments: Int) -> Int {
    let count = max(count(tableBytes: tableBytes, openSegments: openSegments), divide(tableBytes, by: 32_000_000))
    return min(chosenLimit, sharedCount(count, openSegments: openSegments, items: items))
  }

  private static func divide(_ value: Int, by divisor: Int) -> Int { value <= 0 ? 0 : (value - 1) / divisor + 1 }
}
