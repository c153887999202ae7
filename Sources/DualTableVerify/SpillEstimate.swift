internal import DualTableScan

/// How much room spill files will take, from what the tables' first items yield; a pure value.
struct SpillEstimate: Sendable, Equatable {
  /// What some items of the old table yield.
  struct Sample: Sendable, Equatable {
    var items: Int
    var ids: Int
    /// Bytes of their records.
    var bytes: Int
  }

  /// Items that a sample has.
  static let sampleSize = 100

  /// Bytes of all spill files together.
  let bytes: Int

  /// - Parameters:
  ///   - items: of the larger table. Right after a backfill the service still says that the new one is empty, so the larger one's count
  ///     is taken for both.
  ///   - partitions: files of each table. A page adds a frame to each of them, or one an id where it has fewer.
  init(_ sample: Sample, items: Int, partitions: Int, records: SpillRecords) {
    guard sample.items > 0 else {
      bytes = 0
      return
    }
    let ids = Double(items) * Double(sample.ids) / Double(sample.items)
    let record = sample.ids > 0 ? Double(sample.bytes) / Double(sample.ids) : 0
    // A page of a megabyte has a thousand items of a kilobyte.
    let frames = min(1, Double(partitions) / 1_000) * Double(Frame.headSize)
    bytes = Int(min(ids * (record + Double(records.newSize) + 2 * frames), 0x1p53))
  }
}
