internal import Synchronization
internal import Telemetry

/// Tells whoever listens what a repository's operations do; there is none where nobody listens, and an operation costs one look at that.
internal final class RepositoryObserver: Sendable {
  /// What a read of one key met.
  internal enum Read: String, Sendable, CaseIterable {
    /// The new table has the item.
    case hit
    /// The new table has the mark of a deleted item.
    case tombstone
    /// The new table has nothing, and the phase asks no further.
    case absent
    /// The new table has nothing, and the old one has the item.
    case fallbackFound = "fallback_found"
    /// Neither table has the item.
    case fallbackNotFound = "fallback_not_found"
    /// The phase asks the old table alone.
    case old
  }

  /// Why a write took another request.
  internal enum Retry: String, Sendable, CaseIterable {
    /// The new table has the mark of a deleted item.
    case tombstone
    /// The new table has nothing.
    case missing
    /// The new table has nothing, and an update needs the old one's item to be there.
    case promotion
    /// Another writer came first.
    case otherWriter = "other_writer"
    /// The migration's phase was changed: the operation begins anew.
    case phaseSwitch = "phase_switch"
  }

  private let sinks: TelemetrySinks
  private let table: String
  private let stopwatch: @Sendable () -> Duration
  private let metrics: Mutex<[String: RepositoryMetrics]> = Mutex([:])

  /// An observer of a repository; nil where nobody listens.
  ///
  /// - Parameters:
  ///   - table: the new table's name: a label of all metrics.
  ///   - clock: measures how long operations take.
  internal init?(_ sinks: TelemetrySinks, table: String, clock: any Clock<Duration>) {
    if sinks.events == nil && sinks.metrics == nil && sinks.spans == nil { return nil }
    self.sinks = sinks
    self.table = table
    stopwatch = Self.stopwatch(clock)
  }

  private static func stopwatch<Time: Clock<Duration>>(_ clock: Time) -> @Sendable () -> Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
  }

  /// An operation begins; `name` is one of few.
  internal func begin(_ name: String, parent: (any TelemetrySpan)?) -> ObservedOperation {
    let fields = [TelemetryField(.operation, name), TelemetryField(.table, table)]
    return ObservedOperation(
      sinks: sinks, fields: fields, metrics: sinks.metrics.map { sink in metrics(of: name, sink) },
      span: sinks.spans?.start("DualTable.\(name)", parent: parent, fields), stopwatch: stopwatch)
  }

  private func metrics(of operation: String, _ sink: any MetricSink) -> RepositoryMetrics {
    metrics.withLock { known in
      if let found = known[operation] { return found }
      let made = RepositoryMetrics(sink, operation: operation, table: table)
      known[operation] = made
      return made
    }
  }
}

/// One operation that somebody listens to: a reference, because every context has room for one and few have one.
internal final class ObservedOperation: Sendable {
  private let sinks: TelemetrySinks
  private let fields: [TelemetryField]
  private let metrics: RepositoryMetrics?
  /// What the operation's requests are parts of.
  internal let span: (any TelemetrySpan)?
  private let stopwatch: @Sendable () -> Duration
  private let began: Duration

  fileprivate init(
    sinks: TelemetrySinks, fields: [TelemetryField], metrics: RepositoryMetrics?, span: (any TelemetrySpan)?,
    stopwatch: @escaping @Sendable () -> Duration
  ) {
    self.sinks = sinks
    self.fields = fields
    self.metrics = metrics
    self.span = span
    self.stopwatch = stopwatch
    began = stopwatch()
  }

  /// NEW was read for a key, and `next` follows.
  internal func newRead(_ found: PhysicalItem, _ next: ReadStateMachine.Action) {
    switch (found, next) {
    case (.live, _): read(.hit)
    case (.tombstone, _): read(.tombstone)
    case (.missing, .finish): read(.absent)
    case (.missing, _): break
    }
  }

  /// A key was read.
  internal func read(_ read: RepositoryObserver.Read) { metrics?.read(read) }

  /// The operation asked OLD for what NEW lacks.
  internal func fellBack(isFound: Bool) {
    read(isFound ? .fallbackFound : .fallbackNotFound)
    sinks.record(
      .debug, "asked the old table for what the new one lacks", fields + [TelemetryField(.outcome, isFound ? "found" : "not_found")])
  }

  /// The operation's write takes another request.
  internal func retries(_ reason: RepositoryObserver.Retry) {
    metrics?.retried(reason)
    sinks.record(.debug, "a write goes on with another request", fields + [TelemetryField(.reason, reason.rawValue)])
  }

  /// The operation is over.
  internal func ended(_ error: DualTableError?) {
    metrics?.ended(error?.code, took: stopwatch() - began)
    // What an operator has to mend before the migration can go on; the other errors are the caller's to tell.
    if error?.code == .unconvertible {
      sinks.record(.info, "met an item of the old table that can't be converted", fields)
    }
    span?.end(error: error?.code.description, [])
  }
}
