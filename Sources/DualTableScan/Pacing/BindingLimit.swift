/// What keeps a run from going faster: one of these always does.
package enum BindingLimit: Sendable, Equatable, CustomStringConvertible {
  case paused
  /// The operator's budget, by its flag's name.
  case readBudget
  case writeBudget
  /// The service throttles all; what it says is met.
  case throttledReads(String)
  case throttledWrites(String)
  /// The service throttles single partitions.
  case hotPartitions
  /// Errors of the service or the network.
  case errors
  case disk
  /// Few segments are left, so that not all workers have one.
  case lastSegments
  /// One item collection is most of what is left.
  case largeCollection
  case processors
  /// Requests on their way to the old table: more segments at once would help.
  case openSegments
  /// Puts on their way: more connections would help.
  case connections

  /// - Parameters:
  ///   - times: what workers spent their time with lately.
  ///   - load: the share of the machine's processors that the process used, 0...1.
  ///   - workers: segments that are to be open at once.
  ///   - held: segments that are.
  ///   - hasLargeCollection: a segment was seen that is much larger than the others.
  package init(
    times: WorkerTimes.Sums, read: Pace.Status, write: Pace.Status, load: Double, workers: Int, held: Int, hasLargeCollection: Bool
  ) {
    let most = WorkerTimes.Activity.allCases.max { times[$0] < times[$1] } ?? .reading
    if read.isPaused || write.isPaused {
      self = .paused
    } else if most == .readPace {
      self = Self.isAdaptive(read) ? .throttledReads(read.throttling ?? "throttling") : .readBudget
    } else if most == .writePace {
      self = Self.isAdaptive(write) ? .throttledWrites(write.throttling ?? "throttling") : .writeBudget
    } else if most == .rest {
      self = .hotPartitions
    } else if most == .backOff {
      self = .errors
    } else if held < workers {
      self = hasLargeCollection ? .largeCollection : .lastSegments
    } else if load > 0.85 {
      self = .processors
    } else if most == .checkpoint {
      self = .disk
    } else {
      self = most == .reading ? .openSegments : .connections
    }
  }

  private static func isAdaptive(_ pace: Pace.Status) -> Bool {
    guard let adaptive = pace.adaptive else { return false }
    return adaptive < pace.budget ?? .infinity
  }

  package var description: String {
    switch self {
    case .paused: "pause"
    case .readBudget: "--read-rcu"
    case .writeBudget: "--write-wcu"
    case .throttledReads(let limit), .throttledWrites(let limit): limit
    case .hotPartitions: "hot partitions"
    case .errors: "errors"
    case .disk: "disk"
    case .lastSegments: "the last segments"
    case .largeCollection: "one large item collection"
    case .processors: "processors"
    case .openSegments: "--open-segments"
    case .connections: "--connections"
    }
  }
}
