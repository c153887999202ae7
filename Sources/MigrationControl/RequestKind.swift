/// What a request is to the phases.
package enum RequestKind: Sendable, Hashable, CaseIterable {
  case read
  /// A write to OLD, in its format.
  case oldWrite
  /// A write to NEW by its caller's will.
  case newWrite
  /// A put of OLD's item into NEW, or a write that phase 3's rules guard by `attribute_not_exists`: it may bring a deleted item back once
  /// deletes leave no tombstones.
  case copy

  /// True if its landing changes something, so that its attempts must be resolved.
  package var isWrite: Bool { self != .read }

  /// The phases in which such an operation may begin.
  package func isAllowed(in phase: MigrationPhase) -> Bool {
    switch self {
    case .read: true
    case .oldWrite: phase <= .dualRead
    case .newWrite: phase >= .dualTable
    case .copy: phase == .dualTable || phase == .newWithTombstones
    }
  }

  /// True if such a request is over for good in this phase: no step leads back to where it was allowed.
  package func isOver(in phase: MigrationPhase) -> Bool {
    switch self {
    case .read, .newWrite: false
    case .oldWrite: phase >= .dualTable
    case .copy: phase == .new
    }
  }

  /// How old what a participant knows of the phase may be when it sends such a request; nil: any age.
  ///
  /// Old writes end 15 seconds after the last beat began, so that a switch waits no longer for an instance that went silent. What the
  /// fallback decides ends after ten minutes, and after 45 the instance counts as dead.
  package func longestLease(in phase: MigrationPhase) -> Duration? {
    switch self {
    case .oldWrite: .seconds(15)
    case .copy: .seconds(600)
    case .read, .newWrite: phase <= .dualTable ? .seconds(600) : nil
    }
  }
}
