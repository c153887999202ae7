internal import ArgumentParsing
internal import DualTableScan
internal import DynamoDBModel
internal import MigrationControl

extension ToolCommand {
  /// Denies every write to the old table.
  static func fence(tool: String) -> ToolCommand {
    ToolCommand(
      name: "fence", abstract: "Denies every write to the old table by its resource policy, and waits until none passes.",
      discussion: "First shows that a write which can change nothing is let in, then adds a statement to the policy, reads it back, and "
        + "waits until such a write was refused for 60 seconds on end. What else stands in the policy stays. From then on whoever writes the "
        + "old table fails, until the fence is lifted.\n"
        + "Exit status: 0 the fence holds, or is lifted; 1 with --check, there is none; 2 could not; 130 interrupted.",
      examples: [
        .init("\(tool) fence --old users --yes", "Keeps every writer away from the table users."),
        .init("\(tool) fence --old users --check", "Says whether the fence stands."),
      ],
      groups: [.init("tables", [SharedSettings.old.declaration]), SharedSettings.oldPlace, FenceSettings.group, SharedSettings.output],
      run: FenceSettings.run)
  }
}

enum FenceSettings {
  static let check = Setting.flag("check", "Only read the policy back.")
  static let lift = Setting.flag("lift", "Take the fence down.")
  static let group = SettingGroup(
    "the fence", [check.declaration, lift.declaration, SharedSettings.yes.declaration])

  private enum Done: Sendable {
    case stands(Bool)
    case lifted(Bool)
    case raised(Fence.Raising)
  }

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let table = try settings.required(SharedSettings.old)
    let (isCheck, isLift) = (try settings.isOn(check), try settings.isOn(lift))
    if isCheck && isLift { throw CommandError("--check only looks and --lift takes the fence down; give one of them.") }
    if !isCheck && !isLift, try !settings.isOn(SharedSettings.yes) {
      throw CommandError("From the fence on every write to \(table) fails, whoever sends it; give --yes if that is meant.")
    }
    let done = try await context.withClients(connections: 2, oldOnly: true) { clients in
      try await CommandContext.told {
        let fence = try await Fence(client: clients.old, table: table, clock: context.surroundings.clock)
        if isCheck { return Done.stands(try await fence.stands()) }
        if isLift { return Done.lifted(try await fence.lift()) }
        return Done.raised(try await raise(fence, context))
      }
    }
    return try report(done, table, context)
  }

  /// Raises the fence and shows for how long the probe has been refused.
  static func raise(_ fence: Fence, _ context: CommandContext) async throws -> Fence.Raising {
    let reporter = ProgressReporter("fence", context)
    let elapsed = context.stopwatch()
    let stop = context.surroundings.stop
    return try await fence.raise(mustStop: { stop.reason != nil }) { refused in
      reporter.update(
        at: elapsed(), [("elapsed", Figures.clock(elapsed())), ("refused", "writes refused for \(refused.components.seconds) of 60 s")])
    }
  }

  private static func report(_ done: Done?, _ table: String, _ context: CommandContext) throws -> ToolStatus {
    let isJSON = try context.settings.isOn(SharedSettings.json)
    func result(_ sentence: String, stands: Bool, _ status: ToolStatus) -> ToolStatus {
      let json = JSONValue.object([.init("table", .string(table)), .init("fenced", .bool(stands))])
      context.terminal.result(isJSON ? json.text : sentence)
      return status
    }
    switch done {
    case .stands(true)?: return result("The policy of \(table) denies every write.", stands: true, .done)
    case .stands(false)?: return result("No fence stands in the policy of \(table).", stands: false, .findings)
    case .lifted(true)?: return result("The fence of \(table) is lifted; policies spread within a minute or so.", stands: false, .done)
    case .lifted(false)?: return result("There was no fence of \(table) to lift.", stands: false, .done)
    case .raised(.holds)?: return result("The fence of \(table) holds: no write has passed for 60 seconds.", stands: true, .done)
    case .raised(.stopped)?, nil:
      context.log.info(
        "Interrupted; if a fence of \(table) stands, it stays, and writes fail: 'fence --check' tells, 'fence --lift' ends it.")
      return .interrupted
    }
  }
}

extension CommandContext {
  /// Measures the time from now on.
  func stopwatch() -> @Sendable () -> Duration { stopwatch(on: surroundings.clock) }

  private func stopwatch<Time: Clock<Duration>>(on clock: Time) -> @Sendable () -> Duration {
    let began = clock.now
    return { began.duration(to: clock.now) }
  }
}
