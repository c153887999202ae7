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
    var rows = [
      ["lost", Figures.count(result.lost), "every acknowledged write was seen by every later read"],
      ["resurrected", Figures.count(result.resurrected), "no deleted item came back"],
      ["overwritten", Figures.count(result.overwritten), "the backfill overwrote nothing that the service wrote"],
    ]
    for move in result.moves {
      let (table, way) = move.direction == .forth ? ("old", "") : ("new", " on the way back")
      let ids = Figures.count(move.verify.oldIDs)
      rows.append(["missing", Figures.count(move.verify.missing), "of \(ids) ids that the \(table) table yields\(way)"])
      rows.append(["dead letters", Figures.count(move.backfill.counts[.failed]), "items that could not be converted\(way)"])
    }
    if result.history.undecided > 0 {
      let undecided = Figures.count(result.history.undecided)
      rows.append(["undecided", undecided, "keys have too many requests without an answer to tell; rehearse with more items"])
    }
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
    var reports = try result.moves.map { move in
      guard var report = try RunReport(stateDirectory: move.directory, made: result.moment) else {
        throw CommandError("The rehearsal's backfill left no state in \(move.directory), so that there is nothing to report.")
      }
      report.migration = RunReport.Migration(control: move.control, steps: move.records, participants: move.participants)
      return report
    }
    var report = reports.removeFirst()
    report.back = reports
    func sum(_ count: (MoveResult) -> Int) -> String { Figures.count(result.moves.reduce(0) { $0 + count($1) }) }
    let kinds = TrafficCounts.Kind.allCases.filter { kind in result.moves.contains { $0.traffic.byKind[kind] != nil } }
    report.rehearsal = RunReport.Rehearsal(
      seed: result.seed, clients: result.clients, operations: result.operations, lost: result.lost, resurrected: result.resurrected,
      overwritten: result.overwritten, digest: result.digest,
      facts: [
        .init("faults", configuration.faults.rawValue), .init("virtual time", Figures.clock(result.virtual)),
        .init("tombstones swept", sum { $0.sweep.swept }), .init("requests without an answer", sum { $0.traffic.undecided }),
      ] + kinds.map { kind in .init(kind.rawValue, sum { $0.traffic.byKind[kind] ?? 0 }) })
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
    let moves = result.moves.flatMap { move in
      let own = members(of: move)
      return move.direction == .forth ? own : [JSONValue.Member(move.direction.rawValue, .object(own))]
    }
    return .object(
      [
        .init("seed", .number("\(result.seed)")), .init("operations", .number("\(result.operations)")),
        .init("clients", .number("\(result.clients)")), .init("lost", .number("\(result.lost)")),
        .init("resurrected", .number("\(result.resurrected)")), .init("overwritten", .number("\(result.overwritten)")),
        .init("undecided", .number("\(result.history.undecided)")),
      ] + moves + [
        .init("report", .string(report)), .init("digest", .string(result.digest)),
        .init("virtualSeconds", .number(Figures.decimal(result.virtual / .seconds(1), places: 3))),
        .init("seconds", .number(Figures.decimal(seconds, places: 3))),
      ])
  }

  private static func members(of move: MoveResult) -> [JSONValue.Member] {
    let verify = move.verify
    let counts = [
      ("oldIds", verify.oldIDs), ("missing", verify.missing), ("differing", verify.differing), ("superseded", verify.superseded),
      ("unconvertible", verify.unconvertible),
    ]
    return [
      .init("items", .number("\(move.backfill.counts[.scanned])")), .init("failed", .number("\(move.backfill.counts[.failed])")),
      .init("verify", .object(counts.map { .init($0.0, .number("\($0.1)")) })),
    ]
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
    case .turn: "and back"
    case .judge: "judge"
    }
  }
}
