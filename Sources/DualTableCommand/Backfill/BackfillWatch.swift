internal import DualTableBackfill
internal import DualTableScan
internal import DynamoDBModel
internal import Synchronization

/// Shows where a backfill stands: as a progress line, as JSON for `status`, and as metrics, all with the same figures.
final class BackfillWatch: Sendable {
  private struct State {
    var pace = PassPace()
    var load = ProcessLoad()
    var lastTimes = WorkerTimes.Sums()
    var lastSample: Duration?
    var limit: BindingLimit?
    var progress: BackfillProgress?
  }

  /// How far back the limit that binds is judged.
  private static let window = Duration.seconds(5)

  private let command: String
  private let reporter: ProgressReporter
  private let state = Mutex(State())

  init(_ command: String, _ context: CommandContext) {
    self.command = command
    reporter = ProgressReporter(command, context)
  }

  /// Takes note of where the run stands, and shows it if it is time.
  func update(_ progress: BackfillProgress) {
    let figures = state.withLock { state in
      state.pace.sample(progress.pass)
      let elapsed = progress.pass.elapsed
      if elapsed - (state.lastSample ?? .seconds(-60)) >= Self.window {
        state.limit = Self.limit(progress, since: state.lastTimes, load: state.load.sample(at: elapsed))
        (state.lastTimes, state.lastSample) = (progress.times, elapsed)
      }
      // A pause begins and ends at once, whatever the seconds before it were spent with.
      if progress.write.isPaused { state.limit = .paused } else if state.limit == .paused { state.limit = nil }
      state.progress = progress
      return Self.figures(state, progress)
    }
    reporter.update(at: progress.pass.elapsed, figures)
  }

  private static func limit(_ progress: BackfillProgress, since times: WorkerTimes.Sums, load: Double) -> BindingLimit {
    let status = progress.pass
    let mean = status.doneSegments > 0 ? status.doneTotals[.scanned] / status.doneSegments : 0
    return BindingLimit(
      times: progress.times - times, read: progress.read, write: progress.write, load: load, workers: progress.openSegments,
      held: status.heldSegments, hasLargeCollection: mean > 0 && status.largestOpen > 4 * mean)
  }

  private static func figures(_ state: State, _ progress: BackfillProgress) -> ProgressReporter.Figures {
    let status = progress.pass
    var figures: ProgressReporter.Figures = [("elapsed", Figures.clock(status.elapsed)), ("items", PassPace.progress(status))]
    figures += state.pace.rates(read: progress.read.limit, write: progress.write.limit)
    if let limit = state.limit { figures.append(("limit", "(limited by: \(limit))")) }
    figures += [
      ("already", "already \(Figures.count(status.totals[.alreadyThere]))"), ("failed", failures(status)),
    ]
    if let eta = state.pace.eta(status) { figures.append(eta) }
    return figures
  }

  /// `failed 3 (invalidValue 2, refused 1)`.
  private static func failures(_ status: PassCheckpoint.Status) -> String {
    let reasons = status.reasons.sorted { $0.key < $1.key }.map { "\($0.key) \(Figures.count($0.value))" }
    return "failed \(Figures.count(status.totals[.failed]))" + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))")
  }

  /// What keeps the run from going faster, nil while nobody can tell.
  var limitedBy: String? { state.withLock(\.limit).map { "\($0)" } }

  /// The figures as one line of JSON.
  func describe(_ progress: BackfillProgress) -> String {
    let state = state.withLock { $0 }
    var members = Self.members(command, progress.pass)
    members.append(.init("running", .bool(true)))
    members += state.pace.current.map { .init($0.name, .number(Figures.decimal($0.value, places: 1))) }
    for (name, pace) in [("read", progress.read), ("write", progress.write)] {
      members.append(.init("\(name)Limit", pace.limit.map { .number(Figures.decimal($0, places: 1)) } ?? .null))
    }
    members += [
      .init("limitedBy", state.limit.map { .string("\($0)") } ?? .null), .init("paused", .bool(progress.write.isPaused)),
      .init("openSegments", .number("\(progress.openSegments)")),
      .init("etaSeconds", state.pace.remaining(progress.pass).map { .number(Figures.decimal($0 / .seconds(1), places: 0)) } ?? .null),
    ]
    return JSONValue.object(members).text
  }

  /// What is known of a run, whether it is under way or not.
  static func members(_ command: String, _ status: PassCheckpoint.Status) -> [JSONValue.Member] {
    func count(_ name: String, _ value: Int) -> JSONValue.Member { .init(name, .number("\(value)")) }
    return [.init("command", .string(command))]
      + BackfillReport.outcomes.map { count($0.name, status.totals[$0.counter]) }
      + [
        .init(
          "failedByReason",
          .object(status.reasons.sorted { $0.key < $1.key }.map { count($0.key, $0.value) })),
        .init("seconds", .number(Figures.decimal(status.elapsed / .seconds(1), places: 3))),
        count("segments", status.segments), count("doneSegments", status.doneSegments), count("heldSegments", status.heldSegments),
        count("restarts", status.restarts),
        .init("readUnits", .number(Figures.decimal(Double(status.totals[.readMilliunits]) / 1_000, places: 3))),
        .init("writeUnits", .number(Figures.decimal(Double(status.totals[.writeMilliunits]) / 1_000, places: 3))),
        .init("more", .bool(status.doneSegments < status.segments)),
      ]
  }

  /// The figures in Prometheus' text format.
  var metrics: String {
    let state = state.withLock { $0 }
    guard let progress = state.progress else { return "" }
    let status = progress.pass
    var metrics = MetricsText()
    for (name, counter) in BackfillReport.outcomes where counter != .scanned {
      metrics.add("dualtable_items_total", .counter, "Items by outcome.", Double(status.totals[counter]), [("outcome", name)])
    }
    for (reason, count) in status.reasons.sorted(by: { $0.key < $1.key }) {
      metrics.add("dualtable_dead_letters_total", .counter, "Dead letters by reason.", Double(count), [("reason", reason)])
    }
    metrics.add("dualtable_scanned_items_total", .counter, "Items that were scanned.", Double(status.totals[.scanned]))
    metrics.add("dualtable_scanned_pages_total", .counter, "Pages that were scanned.", Double(status.totals[.pages]))
    metrics.add("dualtable_scanned_bytes_total", .counter, "Bytes of scanned pages.", Double(status.totals[.bytes]))
    for (access, counter, pace) in [("read", PassCounter.readMilliunits, progress.read), ("write", .writeMilliunits, progress.write)] {
      let labels = [("access", access)]
      metrics.add(
        "dualtable_capacity_units_total", .counter, "Capacity units used.", Double(status.totals[counter]) / 1_000, labels)
      if let limit = pace.limit {
        metrics.add("dualtable_capacity_limit_units_per_second", .gauge, "Capacity units a second, at most.", limit, labels)
      }
    }
    for activity in WorkerTimes.Activity.allCases {
      metrics.add(
        "dualtable_worker_seconds_total", .counter, "What workers spent their time with.", progress.times[activity] / .seconds(1),
        [("activity", "\(activity)")])
    }
    metrics.add("dualtable_segments", .gauge, "Segments of the scan.", Double(status.segments))
    metrics.add("dualtable_done_segments", .gauge, "Segments that are done.", Double(status.doneSegments))
    metrics.add("dualtable_held_segments", .gauge, "Segments that are worked on.", Double(status.heldSegments))
    metrics.add("dualtable_paused", .gauge, "1 while the run is paused.", progress.write.isPaused ? 1 : 0)
    metrics.add("dualtable_peak_memory_bytes", .gauge, "Memory held at most.", Double(ResultTable.peakMemoryBytes))
    if let limit = state.limit {
      metrics.add("dualtable_limited_by", .gauge, "1 for what keeps the run from going faster.", 1, [("limit", "\(limit)")])
    }
    return metrics.text
  }
}
