/// Says what stands in the way of a step, from what is known: the protocol's preconditions, one finding each.
///
/// A pure value, so that a switch refuses what `cutover check` warned of, in the same words.
package struct StepCheck: Sendable {
  /// How long OLD's time to live must have been off: the service takes up to an hour to stop.
  package static let longestExpiry: Duration = .seconds(3_600)

  package let step: MigrationStep
  package let facts: StepFacts

  package init(_ step: MigrationStep, _ facts: StepFacts) {
    self.step = step
    self.facts = facts
  }

  /// What the protocol asks for before the step, in the order of its sentences.
  package var preconditions: [Finding] {
    var findings = [mapping]
    switch (step.from, step.to) {
    case (.old, .dualRead): findings += [newTable]
    case (.dualRead, .dualTable): findings += [oldExpiry, newExpiry]
    case (.dualTable, .newWithTombstones): findings += [verification, deadLetters, newExpiry]
    case (.newWithTombstones, .dualTable): findings += [newExpiry]
    default: break
    }
    return findings
  }

  /// What else an operator wants to know before the step.
  ///
  /// - Parameter quiet: how long no read may have found in OLD what NEW lacks.
  package func advice(quiet: Duration) -> [Finding] {
    var findings = [switchUnderWay]
    // Going back from 2, and 1→2, ask nobody to wait for anything.
    findings.append(acknowledgements)
    if step.forbids == .oldWrite { findings.append(unresolved) }
    if step.to == .newWithTombstones { findings.append(fallbacks(quiet: quiet)) }
    return findings
  }

  // MARK: - What the tables say

  private var mapping: Finding {
    if facts.mapping == facts.control.mapping { return .ok("mapping", "The mapping is the migration's own.") }
    if step.to == .newWithTombstones, facts.mappings.contains(facts.mapping) {
      return .ok("mapping", "The mapping is the one that the last redrive mended; the control item takes it with this step.")
    }
    return .blocker(
      "mapping", "The mapping isn't the one that the migration is on with (digest \(facts.control.mapping.prefix(12))…): give that one.")
  }

  private var newTable: Finding {
    switch facts.newIsEmpty {
    case true?: .ok("newTable", "The new table is empty.")
    case false?:
      .blocker(
        "newTable", "The new table holds items, which readers of both tables would take for the service's: empty it, or make another.")
    case nil: .warning("newTable", "Nobody looked whether the new table is empty.")
    }
  }

  private var oldExpiry: Finding {
    let subject = "oldTimeToLive"
    guard facts.oldExpiry == .off else {
      return .blocker(
        subject, "The old table's time to live is on and would delete under the readers: switch it off, and come back in an hour.")
    }
    guard let since = facts.control.ttlOffSince else {
      return .blocker(
        subject, "The old table's time to live has not been seen off before: it has to be off for an hour, so come back then.")
    }
    let rest = Self.longestExpiry - .milliseconds(facts.now - since)
    guard rest <= .zero else {
      let minutes = rest.components.seconds / 60 + 1
      return .blocker(
        subject,
        "The old table's time to live is off, and the service may go on deleting for an hour: come back in \(minutes) minute\(minutes == 1 ? "" : "s")."
      )
    }
    return .ok(subject, "The old table's time to live has been off for an hour.")
  }

  private var newExpiry: Finding {
    facts.newExpiry == .off
      ? .ok("newTimeToLive", "The new table's time to live is off.")
      : .blocker(
        "newTimeToLive",
        "The new table's time to live is on, and an item that it deletes would come back from the old table: switch it off until phase new."
      )
  }

  // MARK: - What the runs say

  private var verification: Finding {
    let subject = "verify"
    guard let run = facts.record(.verify) else {
      return .blocker(subject, "No verify has ended yet: run `verify` with --control.")
    }
    guard run.mapping == facts.mapping else {
      return .blocker(subject, "The last verify ran with another mapping: run `verify` again with this one.")
    }
    if run.isClean { return .ok(subject, "The last verify was clean.") }
    let (missing, undecided, unconvertible) = (run["missing"] ?? 0, run["undecided"] ?? 0, run["unconvertible"] ?? 0)
    // Items that no mapping converts stay findings for ever, so they can be given up; what is missing can be put, or be given up, which
    // leaves a tombstone that the next verify sees.
    if missing == 0 && undecided == 0 && unconvertible > 0 {
      let given = facts.givenUp.unconvertible
      if given == unconvertible {
        return .ok(subject, "The last verify found \(unconvertible) that can't be converted, and all are given up by name.")
      }
      return .blocker(
        subject,
        "The last verify found \(unconvertible) that can't be converted, of which \(given) are given up: mend the mapping, or name "
          + "all of them with --give-up, and run `verify` again."
      )
    }
    return .blocker(
      subject,
      "The last verify found \(missing) missing, \(unconvertible) that can't be converted and \(undecided) undecided: "
        + "run `verify` again once they are dealt with.")
  }

  private var deadLetters: Finding {
    let subject = "deadLetters"
    guard let backfill = facts.record(.backfill) else {
      return .blocker(subject, "No backfill has come to its end yet: run `backfill` with --control.")
    }
    guard backfill.mapping == facts.control.mapping else {
      return .blocker(subject, "The last backfill ran with another mapping than the migration's: run `backfill` with that one.")
    }
    if backfill.isClean { return .ok(subject, "The backfill came to its end without dead letters.") }
    let left: Int
    if let redrive = facts.record(.redrive), redrive.mapping == facts.mapping {
      if redrive.isClean { return .ok(subject, "The backfill came to its end, and the redrive left no dead letters.") }
      left = redrive["failed"] ?? backfill["failed"] ?? 1
    } else {
      left = backfill["failed"] ?? 1
    }
    if left <= facts.givenUp.keys { return .ok(subject, "\(left) dead letters are left, and all are given up by name.") }
    return .blocker(
      subject,
      "\(left) dead letter\(left == 1 ? " is" : "s are") left: mend the mapping and `redrive`, or give them up by name with --give-up.")
  }

  // MARK: - What the fleet says

  private var switchUnderWay: Finding {
    guard let next = facts.control.next else { return .ok("switch", "No switch is under way.") }
    return .warning("switch", "A switch to \(next.to) is under way (\(next.stage.rawValue)): another coordinator's, or one that died.")
  }

  private var acknowledgements: Finding {
    let missing = facts.participants.filter { $0.acknowledged != facts.control.epoch }
    if missing.isEmpty {
      let count = facts.participants.count
      return count == 0
        ? .warning("acknowledged", "There are no participants: whatever else uses the tables isn't asked.")
        : .ok("acknowledged", "All \(count) participant\(count == 1 ? " has" : "s have") acknowledged phase \(facts.control.phase).")
    }
    let held = missing.count { $0.unresolvedUntil != nil }
    let why = held > 0 ? ", of which \(held) wait\(held == 1 ? "s" : "") for attempts that it gave up on" : ""
    return .blocker(
      "acknowledged",
      "\(missing.count) of \(facts.participants.count) participants have not acknowledged phase \(facts.control.phase)\(why): "
        + "\(Self.names(missing)).")
  }

  private var unresolved: Finding {
    let unmanaged = facts.participants.filter(\.unmanaged)
    if !unmanaged.isEmpty {
      return .warning(
        "unresolved", "\(Self.names(unmanaged)) write to the old table by clients of their own: take --fence-first, or --accept-unresolved."
      )
    }
    let unresolved = facts.participants.filter { $0.unresolvedUntil != nil }
    if unresolved.isEmpty { return .ok("unresolved", "No participant has attempts on the old table that may still land.") }
    return .warning(
      "unresolved",
      "\(Self.names(unresolved)) gave up on attempts that may still land, for half an hour each: wait, or take --fence-first.")
  }

  private func fallbacks(quiet: Duration) -> Finding {
    let subject = "fallbacks"
    let last = facts.participants.compactMap(\.lastFallback).max()
    let seconds = quiet.components.seconds
    guard let last, Duration.milliseconds(facts.now - last) < quiet else {
      return .ok(subject, "No read has found in the old table what the new one lacks for \(seconds) seconds.")
    }
    let ago = max(0, (facts.now - last) / 1_000)
    return .blocker(
      subject,
      "\(ago) seconds ago a read found in the old table what the new one lacks: it has to be \(seconds) seconds, and the backfill be done.")
  }

  /// The first few names, and how many there are beside.
  package static func names(_ participants: [ParticipantItem]) -> String {
    let shown = participants.prefix(3).map(\.name).joined(separator: ", ")
    return participants.count > 3 ? "\(shown) and \(participants.count - 3) more" : shown
  }
}
