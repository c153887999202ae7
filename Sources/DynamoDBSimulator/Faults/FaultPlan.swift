/// What goes wrong, how often, and drawn from which seed: one plan replays one run.
///
/// A chance is a number from 0 to 1. At most one of the chances happens to a request, so together they are at most 1.
public struct FaultPlan: Sendable, Hashable {
  /// Where all draws, and the order in which requests under way are taken, come from.
  public var seed: UInt64

  /// Chance that a request is refused as throttled.
  public var throttled = 0.0
  /// Chance of a 500 in place of doing anything.
  public var failedBefore = 0.0
  /// Chance that a request is carried out and answered by a 500.
  public var failedAfter = 0.0
  /// Chance of a 503 in place of doing anything.
  public var unavailable = 0.0
  /// Chance that a request never arrives and its connection breaks.
  public var lostRequest = 0.0
  /// Chance that a request is carried out and its answer never arrives.
  public var lostAnswer = 0.0
  /// Chance that a request is carried out twice, `delay` apart, and the first answer arrives.
  public var duplicated = 0.0
  /// Chance that a connection breaks and its request arrives all the same, after `lateness`.
  public var late = 0.0
  /// Chance that the connection breaks in the middle of the answer.
  public var reset = 0.0
  /// Chance that an answer ends early and says that this is all of it.
  public var truncated = 0.0
  /// Chance that a byte of an answer isn't the one its checksum was made of.
  public var corrupted = 0.0
  /// Chance that the credentials of a request are held to have expired.
  public var expired = 0.0

  /// How long requests and answers travel, each. Default no time at all.
  public var delay: ClosedRange<Duration> = .zero ... .zero
  /// Chance that a request is held up for ten more of the longest delays (at least 10 ms), so that later ones overtake it.
  public var reordered = 0.0
  /// When late requests arrive after all. Default one to five minutes.
  public var lateness: ClosedRange<Duration> = .seconds(60) ... .seconds(300)
  /// How long a transaction that writes is under way: until its end other requests for its items meet a conflict. Default no time at all.
  public var transactionTime: Duration = .zero
  /// How far the service's clock is ahead of the clients'; negative: behind. Default not at all.
  public var clockSkew: Duration = .zero
  /// Times in which requests are throttled. Default none.
  public var storm: Storm?
  /// Tables whose requests take so much longer, by name.
  public var slowTables: [String: Duration] = [:]
  /// Tables that are gone for a time.
  public var outages: [Outage] = []

  /// Throttling that comes and goes.
  public struct Storm: Sendable, Hashable {
    /// From one storm's beginning to the next one's; when the first begins is the seed's.
    public var period: Duration
    /// How long each lasts.
    public var length: Duration
    /// Chance that a request within one is throttled.
    public var chance: Double

    public init(every period: Duration, lasting length: Duration, chance: Double = 1) {
      self.period = period
      self.length = length
      self.chance = chance
    }
  }

  /// A table going away: requests for it find none. Its items are there again when it is over.
  public struct Outage: Sendable, Hashable {
    public var table: String
    /// From when to when, counted from the simulator's start.
    public var span: Range<Duration>

    public init(of table: String, _ span: Range<Duration>) {
      self.table = table
      self.span = span
    }
  }

  /// A plan in which nothing goes wrong yet.
  public init(seed: UInt64) { self.seed = seed }

  /// True if nothing goes wrong and nothing takes time.
  var isCalm: Bool {
    var plain = FaultPlan(seed: seed)
    plain.lateness = lateness
    return self == plain
  }

  /// `transactionTime`, in the service's unit.
  var transactionMilliseconds: Int64 { transactionTime.inNanoseconds / 1_000_000 }
}
