/// What an on-demand table gives of reads or of writes: twice the peak it has seen, and never less than before.
struct OnDemandCapacity: Sendable {
  /// Peaks are averages over so many milliseconds.
  private static let window: Int64 = 10_000

  /// Units a second.
  private(set) var rate: Double
  private var bucket: UnitBucket
  private var account: UnitBucket
  private let span: Int64
  /// When the span of the current peak began.
  private var spanStart: Int64
  private var peak = 0.0
  private var windowStart: Int64
  private var taken = 0.0

  /// - Parameters:
  ///   - account: what the account lets one table take, in units a second.
  ///   - span: how long a peak counts, in milliseconds.
  init(rate: Double, account: Double, _ span: Int64, at now: Int64) {
    self.rate = rate
    self.span = span
    bucket = UnitBucket(rate: rate, seconds: 1, at: now)
    self.account = UnitBucket(rate: account, seconds: 1, at: now)
    (spanStart, windowStart) = (now, now)
  }

  /// Raises what is given to what was asked to be kept warm.
  mutating func warm(to asked: Double) {
    rate = max(rate, asked)
    bucket.rate = rate
  }

  /// Lets the span end where it has ended; true if more is given from here on.
  mutating func grow(at now: Int64) -> Bool {
    endWindow(at: now)
    guard now - spanStart >= span else { return false }
    spanStart = now
    defer { peak = 0 }
    guard 2 * peak > rate else { return false }
    rate = 2 * peak
    bucket.rate = rate
    return true
  }

  /// The limit that one more unit would exceed.
  ///
  /// The service doesn't tell the table's own limit from its partitions': whoever exceeds it meets those.
  mutating func limit(at now: Int64) -> ThrottlingLimit? {
    guard account.hasUnits(at: now) else { return .account }
    return bucket.hasUnits(at: now) ? nil : .keyRange
  }

  mutating func take(_ units: Double) {
    bucket.take(units)
    account.take(units)
    taken += units
  }

  private mutating func endWindow(at now: Int64) {
    guard now - windowStart >= Self.window else { return }
    // What a full bucket lets through beyond the rate is no peak to double.
    peak = max(peak, min(rate, taken / Double(now - windowStart) * 1_000))
    taken = 0
    windowStart = now
  }
}
