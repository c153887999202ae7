internal import AWSAuth
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBModel
internal import MigrationControl

/// One switch of phase, from the look at what it needs to its end.
struct CutoverRun: Sendable {
  let order: Cutover.Order
  let migration: ControlledMigration
  let context: CommandContext

  /// What it came to.
  struct Outcome: Sendable {
    let from: MigrationPhase
    let target: MigrationPhase
    var findings: FindingList
    var isThere = false
    var isInterrupted = false
    /// The control item has another mapping now than it had.
    var isMappingNew = false
    var epoch: Int?
  }

  func perform() async throws -> Outcome {
    let item = try await migration.controlItem()
    if item.phase == order.target {
      if let next = item.next { context.log.warning("A switch to \(next.to) is under way, by another coordinator or by one that died.") }
      return Outcome(from: item.phase, target: order.target, findings: FindingList(findings: []), isThere: true, epoch: item.epoch)
    }
    let step = try step(from: item.phase)
    var facts = try await migration.facts(
      for: step, mapping: order.mapping.digest, now: context.surroundings.wallClock.now(), clock: context.surroundings.clock)
    if let givenUp = order.givenUp, facts.mappings.contains(order.mapping.digest), facts.control.phase == .dualTable {
      facts.givenUp = try await givenUp.giveUp(old: migration.old, new: migration.new, mapping: order.mapping, now: facts.now)
    }
    let findings = FindingList(findings: StepCheck(step, facts).preconditions)
    var outcome = Outcome(from: step.from, target: step.to, findings: findings)
    outcome.isMappingNew = order.mapping.digest != facts.control.mapping
    guard findings.blockers.isEmpty else { return outcome }
    return try await switched(outcome)
  }

  private func step(from phase: MigrationPhase) throws(CommandError) -> MigrationStep {
    guard let step = MigrationStep(from: phase, to: order.target) else {
      let steps = phase.steps.map(\.description).joined(separator: " or back to ")
      throw CommandError("No step leads from phase \(phase) to \(order.target); from there it goes to \(steps).")
    }
    if !order.isConfirmed, step.forbids != nil {
      let why =
        step.to == .dualTable ? "the old table is frozen, and only a migration of its own leads back" : "deletes leave no trace any more"
      throw CommandError("There is no way back from phase \(step.to): \(why); give --yes if that is meant.")
    }
    return step
  }

  /// Switches, behind a fence if one is asked for; one that was put up here goes again where the phase isn't reached.
  private func switched(_ outcome: Outcome) async throws -> Outcome {
    let surroundings = context.surroundings
    let reporter = ProgressReporter("cutover", context)
    let elapsed = context.stopwatch()
    let machine = SwitchStateMachine(
      to: outcome.target, acceptUnresolved: order.acceptUnresolved, fences: order.fenceFirst, patience: order.patience,
      mapping: outcome.target == .newWithTombstones && outcome.from == .dualTable ? order.mapping.digest : nil)
    let fence =
      order.fenceFirst ? try await Fence(client: migration.old.client, table: migration.old.table, clock: surroundings.clock) : nil
    var raising: Fence.Raising?
    let ended: Outcome
    do {
      let end = try await PhaseSwitch(table: migration.control, wallClock: surroundings.wallClock, clock: surroundings.clock)
        .perform(machine, mustStop: { surroundings.stop.reason != nil }) {
          guard let fence else { return false }
          raising = .stopped(wasThere: false)
          let raised = try await FenceSettings.raise(fence, context)
          raising = raised
          if case .holds = raised { return true }
          return false
        } progress: { machine, dead in
          for participant in dead {
            context.log.info("A participant is dead and was removed", [("participant", participant.name)])
          }
          reporter.update(
            at: elapsed(),
            [
              ("elapsed", Figures.clock(elapsed())), ("stage", machine.stage?.rawValue ?? ""),
              ("missing", Self.waiting(for: machine.missing)),
            ])
        } made: { step in
          // For reports alone: the step is made, whether this is written or not.
          try? await migration.control.record(step)
        }
      ended = try outcome.ended(end, waited: order.patience)
    } catch {
      if let fence, raising != nil {
        context.log.warning("If a fence of \(fence.table) stands, it stays, and writes to it fail: 'fence --lift' ends it.")
      }
      throw error
    }
    if !ended.isThere, let fence, let raising, !raising.wasThere, try await fence.lift() {
      context.log.info("The fence of \(fence.table) is lifted again.")
    }
    return ended
  }

  /// Who is waited for, and why.
  static func waiting(for missing: [ParticipantItem]) -> String {
    guard !missing.isEmpty else { return "all acknowledged" }
    let reasons = missing.prefix(3).map { participant in
      if participant.unmanaged { return "\(participant.name) (writes the old table by itself)" }
      guard let until = participant.unresolvedUntil else { return participant.name }
      return "\(participant.name) (unresolved until \(Figures.moment(until)))"
    }
    let more = missing.count > 3 ? " and \(missing.count - 3) more" : ""
    return "waiting for \(Figures.count(missing.count, "participant")): \(reasons.joined(separator: ", "))\(more)"
  }
}

extension CutoverRun.Outcome {
  /// The outcome after the switch, with what stood in its way.
  ///
  /// - Parameter patience: how long whoever was missing had.
  func ended(_ end: SwitchStateMachine.Outcome, waited patience: Duration) throws(CommandError) -> CutoverRun.Outcome {
    var ended = self
    switch end {
    case .done(let item):
      ended.isThere = true
      ended.epoch = item.epoch
    case .stopped: ended.isInterrupted = true
    case .unacknowledged(let missing):
      let hint = patience <= SilenceWatch.longestSilence ? "; who is dead shows after 45 minutes of waiting, as with --wait 50m" : ""
      var blockers = [
        Finding.blocker(
          "acknowledged", "Not all were ready, so that the phase is what it was: \(CutoverRun.waiting(for: missing))\(hint).")
      ]
      if missing.contains(where: { $0.unmanaged || $0.unresolvedUntil != nil }) {
        blockers.append(
          .blocker(
            "unresolved", "Writes to the old table may still land: wait longer with --wait, or take --fence-first or --accept-unresolved."))
      }
      ended.findings = FindingList(findings: findings.findings + blockers)
    case .noSuchStep(let phase):
      throw CommandError("Another coordinator has gone to phase \(phase) meanwhile; look with 'phase show'.")
    case .notInitialized: throw CommandError("The control item is gone; look who deleted it.")
    case .contention: throw CommandError("Other coordinators changed the control item each time; look with 'phase show', and try again.")
    }
    return ended
  }

  /// Prints the outcome and says how the tool ends.
  func report(_ context: CommandContext) throws -> ToolStatus {
    if try context.settings.isOn(SharedSettings.json) {
      context.terminal.result(
        JSONValue.object([
          .init("from", .string(from.description)), .init("to", .string(target.description)), .init("done", .bool(isThere)),
          .init("epoch", epoch.map { .number("\($0)") } ?? .null), .init("findings", findings.json),
        ]).text)
    } else if isThere {
      context.terminal.result("The migration is in phase \(target).")
    } else if !isInterrupted {
      context.terminal.result(findings.text)
    }
    if isInterrupted {
      context.log.info("Interrupted; the phase is \(from) as before, and nothing is under way.")
      return .interrupted
    }
    if isThere && from != target, let hint { context.log.info(hint) }
    return isThere ? .done : .findings
  }

  /// What is to be done next.
  private var hint: String? {
    switch target {
    case .dualTable where from == .dualRead: "The old table is frozen: run 'backfill', then 'verify', both with --control."
    case .newWithTombstones where isMappingNew:
      "The migration is on with the mended mapping: deploy it, since instances with the first one acknowledge nothing any more."
    case .new: "Time to live of the new table may be switched on, and 'sweep' takes the tombstones away."
    default: nil
    }
  }
}
