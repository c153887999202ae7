internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableRehearsal
internal import DualTableReport
internal import DualTableScan
internal import DualTableVerify
internal import DynamoDBModel

/// Tells a rehearsal: a live line and one line a stage while it runs, and the verdict with what to do next.
struct RehearsalTeller: Sendable {
  private let context: CommandContext
  private let reporter: ProgressReporter
  private let elapsed: @Sendable () -> Duration

  init(_ context: CommandContext) {
    self.context = context
    reporter = ProgressReporter("rehearse", context)
    elapsed = context.stopwatch()
  }

  func tell(_ progress: RehearsalProgress) {
    switch progress {
    case .at(let stage, let virtual, let detail):
      reporter.update(
        at: elapsed(),
        [
          ("elapsed", Figures.clock(elapsed())), ("stage", Self.title(stage)), ("virtual", "+\(Figures.clock(virtual))"),
          ("detail", detail),
        ])
    case .ended(let step):
      context.terminal.showLive("")
      let time = "+" + Figures.clock(step.ended)
      context.log.info("\(time)  \(Self.padded(Self.title(step.stage), 16))  \(step.sentence)")
    }
  }

  /// Prints the verdict.
  func show(_ result: RehearsalResult, _ configuration: Rehearsal.Configuration, report: String) throws {
    if try context.settings.isOn(SharedSettings.json) {
      context.terminal.result(Self.json(result, report: report, seconds: elapsed() / .seconds(1)).text)
      return
    }
    for line in result.history.examples { context.log.warning("Nothing explains \(line)") }
    for failure in result.failures { context.log.warning(failure) }
    let rows = [
      ["lost", Figures.count(result.lost), "every acknowledged write was seen by every later read"],
      ["resurrected", Figures.count(result.resurrected), "no deleted item came back"],
      ["overwritten", Figures.count(result.overwritten), "the backfill overwrote nothing that the service wrote"],
      ["missing", Figures.count(result.verify.missing), "of \(Figures.count(result.verify.oldIDs)) ids that the old table yields"],
      ["dead letters", Figures.count(result.backfill.counts[.failed]), "items that could not be converted"],
    ]
    let width = rows.map { $0[1].count }.max() ?? 0
    let table = rows.map { row in
      "  \(Self.padded(row[0], 13))\(String(repeating: " ", count: width - row[1].count))\(row[1])   \(row[2])"
    }
    context.terminal.result(
      """

      \(Figures.count(result.operations, "operation")) of \(result.clients) clients, \(Figures.clock(result.virtual)) of virtual time in \
      \(Figures.decimal(elapsed() / .seconds(1), places: 0)) s of yours, seed \(result.seed), \(configuration.faults.rawValue) faults

      \(table.joined(separator: "\n"))

      report   \(report)
      history  \(result.digest)

      \(next)
      """)
  }

  /// The page that tells of it.
  func report(_ result: RehearsalResult, _ configuration: Rehearsal.Configuration) throws -> RunReport {
    guard var report = try RunReport(stateDirectory: configuration.directory, made: result.moment) else {
      throw CommandError("The rehearsal's backfill left no state in \(configuration.directory), so that there is nothing to report.")
    }
    report.migration = RunReport.Migration(control: result.control, steps: result.records, participants: result.participants)
    let kinds = TrafficCounts.Kind.allCases.filter { result.traffic.byKind[$0] != nil }
    report.rehearsal = RunReport.Rehearsal(
      seed: result.seed, clients: result.clients, operations: result.operations, lost: result.lost, resurrected: result.resurrected,
      overwritten: result.overwritten, digest: result.digest,
      facts: [
        .init("faults", configuration.faults.rawValue), .init("virtual time", Figures.clock(result.virtual)),
        .init("tombstones swept", Figures.count(result.sweep.swept)),
        .init("requests without an answer", Figures.count(result.traffic.undecided)),
      ] + kinds.map { .init($0.rawValue, Figures.count(result.traffic.byKind[$0] ?? 0)) })
    return report
  }

  /// What to do with a real table.
  private var next: String {
    let tool = context.tool.name
    let mapping = context.settings.text(of: [SharedSettings.mapping.declaration])?.text ?? "users.yaml"
    let tables = "--old users --new users-v2 --mapping \(mapping)"
    return """
      Next, with a table of your own in place of users:
        \(tool) plan \(tables)
        \(tool) phase init \(tables) --control migrations
        \(tool) cutover check \(tables) --control migrations
      and link DualTable into the service in between: README.md shows how.
      """
  }

  static func json(_ result: RehearsalResult, report: String, seconds: Double) -> JSONValue {
    .object([
      .init("seed", .number("\(result.seed)")), .init("items", .number("\(result.backfill.counts[.scanned])")),
      .init("operations", .number("\(result.operations)")), .init("clients", .number("\(result.clients)")),
      .init("lost", .number("\(result.lost)")), .init("resurrected", .number("\(result.resurrected)")),
      .init("overwritten", .number("\(result.overwritten)")), .init("undecided", .number("\(result.history.undecided)")),
      .init("failed", .number("\(result.backfill.counts[.failed])")),
      .init(
        "verify",
        .object([
          .init("oldIds", .number("\(result.verify.oldIDs)")), .init("missing", .number("\(result.verify.missing)")),
          .init("differing", .number("\(result.verify.differing)")), .init("superseded", .number("\(result.verify.superseded)")),
          .init("unconvertible", .number("\(result.verify.unconvertible)")),
        ])),
      .init("report", .string(report)), .init("digest", .string(result.digest)),
      .init("virtualSeconds", .number(Figures.decimal(result.virtual / .seconds(1), places: 3))),
      .init("seconds", .number(Figures.decimal(seconds, places: 3))),
    ])
  }

  private static func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

  private static func title(_ stage: RehearsalStage) -> String {
    switch stage {
    case .prepare: "prepare"
    case .old: "phase 1"
    case .toDualRead: "to phase 2"
    case .dualRead: "phase 2"
    case .toDualTable: "to phase 3"
    case .backfill: "phase 3 backfill"
    case .verify: "phase 3 verify"
    case .toTombstones: "to phase 4"
    case .newWithTombstones: "phase 4"
    case .toNew: "to phase 5"
    case .new: "phase 5"
    case .sweep: "sweep"
    case .judge: "judge"
    }
  }
}
