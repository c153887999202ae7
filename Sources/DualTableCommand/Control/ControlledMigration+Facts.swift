internal import MigrationControl

extension ControlledMigration {
  /// Looks at everything that a step depends on, and keeps in the control item when OLD's time to live was first seen off.
  ///
  /// - Parameters:
  ///   - mapping: the digest that the operator works with.
  ///   - now: milliseconds since 1970.
  func facts(for step: MigrationStep, mapping: String, now: Int64, clock: any Clock<Duration>) async throws -> StepFacts {
    let oldExpiry = try await old.expiry()
    var item = try await controlItem()
    if let noted = item.noting(oldExpiry: oldExpiry, at: now) {
      // Whoever is first has seen the same.
      _ = try await control.write(noted, expecting: item.epoch)
      item = try await controlItem()
      // A new epoch is acknowledged with the next beat.
      try await clock.sleep(for: ParticipantStateMachine.refresh + .seconds(1))
    }
    return StepFacts(
      control: item, participants: try await control.participants(), records: try await control.records(), mapping: mapping,
      oldExpiry: oldExpiry, newExpiry: try await new.expiry(), newIsEmpty: step.from == .old ? try await new.isEmpty() : nil, now: now)
  }
}
