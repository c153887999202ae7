internal import DynamoDBClient
internal import Synchronization
internal import Telemetry

/// Tells whoever listens how a participant stands; there is none where nobody listens.
internal final class ParticipantObserver: Sendable {
  private let sinks: TelemetrySinks
  private let phase: (@Sendable (Double) -> Void)?
  private let leaseAge: (@Sendable (Double) -> Void)?
  private let switches: (@Sendable (Int) -> Void)?
  private let failedBeats: (@Sendable (Int) -> Void)?
  /// The phase that was told last; 0 before the first.
  private let told = Atomic(0)

  internal init?(_ sinks: TelemetrySinks) {
    if sinks.events == nil && sinks.metrics == nil { return nil }
    self.sinks = sinks
    phase = sinks.metrics?.gauge(MigrationMetric.phase.rawValue, labels: [])
    leaseAge = sinks.metrics?.gauge(MigrationMetric.leaseAge.rawValue, labels: [])
    switches = sinks.metrics?.counter(MigrationMetric.switches.rawValue, labels: [])
    failedBeats = sinks.metrics?.counter(MigrationMetric.failedBeats.rawValue, labels: [])
  }

  /// A beat has ended well, and this phase holds.
  internal func beat(_ current: MigrationPhase, leaseAge age: Duration?) {
    phase?(Double(current.rawValue))
    if let age { leaseAge?(age / .seconds(1)) }
    let before = told.exchange(current.rawValue, ordering: .relaxed)
    guard before != current.rawValue else { return }
    if before != 0 { switches?(1) }
    sinks.record(.info, "a phase of the migration begins", [TelemetryField(.phase, current.description)])
  }

  /// A beat has failed.
  ///
  /// - Parameters:
  ///   - isGone: true if the participant's item was gone: it had been silent for so long that it was counted dead.
  ///   - leaseAge: how old what is known of the phase is; nil if it isn't known.
  internal func beatFailed(isGone: Bool, _ error: MigrationControlError?, leaseAge age: Duration?) {
    failedBeats?(1)
    if let age { leaseAge?(age / .seconds(1)) }
    if isGone { return sinks.record(.info, "the participant's item is gone; registering anew", []) }
    sinks.record(
      .debug, "a beat failed",
      error.map { error in [TelemetryField(.code, (error.cause?.code).map { "\($0)" } ?? "\(error.code)")] } ?? [])
  }
}
