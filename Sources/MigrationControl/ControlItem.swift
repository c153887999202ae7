/// What the control table says about a migration: its phase, and the switch that is under way.
package struct ControlItem: Sendable, Hashable {
  /// A switch under way.
  package struct Switch: Sendable, Hashable {
    package enum Stage: String, Sendable, Hashable {
      /// Changes nothing but the pace of beats, and shows who has unresolved attempts.
      case prepare
      /// Nobody starts what the new phase forbids.
      case drain
    }

    package var to: MigrationPhase
    package var stage: Stage
    /// Participants acknowledge although attempts of theirs may still land. Only for 2→3.
    package var acceptUnresolved: Bool
    /// A policy denies writes to OLD, so that nothing unresolved can land any more.
    package var fenced: Bool

    package init(to: MigrationPhase, stage: Stage, acceptUnresolved: Bool = false, fenced: Bool = false) {
      self.to = to
      self.stage = stage
      self.acceptUnresolved = acceptUnresolved
      self.fenced = fenced
    }
  }

  package var phase: MigrationPhase
  package var next: Switch?
  /// Grows by one at every change, each of which is conditional on it.
  package var epoch: Int
  /// The mapping's digest.
  package var mapping: String
  /// When OLD's time to live was first seen off, milliseconds since 1970.
  package var ttlOffSince: Int64?

  package init(phase: MigrationPhase, next: Switch? = nil, epoch: Int, mapping: String, ttlOffSince: Int64? = nil) {
    self.phase = phase
    self.next = next
    self.epoch = epoch
    self.mapping = mapping
    self.ttlOffSince = ttlOffSince
  }

  /// What the drain under way forbids, nil without one.
  package var drained: RequestKind? {
    guard let next, next.stage == .drain else { return nil }
    return MigrationStep(from: phase, to: next.to)?.forbids
  }

  /// The item after a change, one epoch on.
  package func changed(_ change: (inout ControlItem) -> Void) -> ControlItem {
    var changed = self
    change(&changed)
    changed.epoch = epoch + 1
    return changed
  }
}
