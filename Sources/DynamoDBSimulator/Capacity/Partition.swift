/// A range of a table's or an index's partition-key hashes, with what one partition of the service gives.
struct Partition: Sendable {
  /// The first hash; the range goes on to the next partition's.
  let first: UInt64
  var read: UnitBucket
  var write: UnitBucket
  /// When it began to refuse without a quiet moment since, in milliseconds; nil while it doesn't.
  var hotSince: Int64?
  /// When it last refused.
  var hotAt: Int64 = .min

  init(first: UInt64, _ settings: CapacityModel.Settings, at now: Int64) {
    self.first = first
    read = UnitBucket(rate: settings.partitionRead, seconds: 1, at: now)
    write = UnitBucket(rate: settings.partitionWrite, seconds: 1, at: now)
  }

  /// Notes a refusal, and says whether the partition has been hot for long enough to be split.
  mutating func refused(at now: Int64, _ settings: CapacityModel.Settings) -> Bool {
    // A minute without a refusal is a quiet one.
    if hotSince == nil || now - hotAt > 60_000 { hotSince = now }
    hotAt = now
    return now - (hotSince ?? now) >= settings.heatMilliseconds
  }
}
