internal import AWSAuth
internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableReport
internal import DualTableScan
internal import DynamoDBModel
internal import HTTPTransport
internal import MigrationControl

extension ToolCommand {
  /// Makes the report of a migration.
  static func report(tool: String) -> ToolCommand {
    ToolCommand(
      name: "report", abstract: "Makes a page that tells of a migration: what was copied, what wasn't and why, how fast, who agreed.",
      discussion:
        "The page is one file of HTML with everything in it; opening it asks nobody for anything. It holds names and counts, never an item.\n"
        + "Runs may be under way. With --control the tables' phases, participants and last runs are in it.\n"
        + "Exit status: 0 made; 2 there is no run, or the page can't be written; 130 interrupted.",
      examples: [
        .init("\(tool) report --old users --new users-v2", "Writes report.html of the run whose state is in .dualtable/users-users-v2."),
        .init(
          "\(tool) report --old users --new users-v2 --control migrations --output users.html",
          "The same, with the phases of the migration."),
        .init("\(tool) report --state /var/lib/migration --json", "The figures for machines."),
      ],
      groups: [
        StateSettings.group,
        SettingGroup("the report", [SharedSettings.control.declaration, ReportSettings.output.declaration] + ReportSettings.prices),
        SharedSettings.places, SharedSettings.output,
      ], run: ReportSettings.run)
  }
}

enum ReportSettings {
  static let output = Setting.text("output", "file", "Where the page goes.", .file, default: "report.html")
  static let prices = [PlanSettings.priceRead.declaration, PlanSettings.priceWrite.declaration]

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let directory = try StateSettings.directory(context)
    let now = context.surroundings.wallClock.now()
    let shared = try await shared(context, directory, now)
    guard var report = try shared ?? RunReport(stateDirectory: directory, made: now) else {
      let control = try context.settings.value(SharedSettings.control)
      let also = control.map { ", and no backfill in the control table \($0)" } ?? ""
      throw CommandError("There is no run in \(directory)\(also); name another directory with --state.")
    }
    if let control = try context.settings.value(SharedSettings.control) {
      let (old, new) = (report.old.name, report.new.name)
      let migration = try await context.withClients(connections: 8) { clients in
        try await CommandContext.told {
          try await look(at: ControlTable(client: clients.new, name: control, oldTable: old, newTable: new))
        }
      }
      guard let migration else { return context.interrupted() }
      report.migration = migration
    }
    report.prices = try PlanSettings.prices(context.settings)
    if try context.settings.isOn(SharedSettings.json) {
      context.terminal.result(report.json.text)
      return .done
    }
    let path = try context.settings.value(output) ?? "report.html"
    try File.replace(path, with: ByteBuffer(report.html.utf8).span)
    context.terminal.result(path)
    return .done
  }

  /// The report of a run that several processes share; nil where the settings name none, or there is none.
  private static func shared(_ context: CommandContext, _ directory: String, _ now: Int64) async throws -> RunReport? {
    guard try SharedRun.isNamed(context.settings) else { return nil }
    guard let (overview, series) = try await look(.backfill, context) else { return nil }
    let verification = try await look(.verification, context)
    let manifest = overview.pass.manifest
    var report = RunReport(old: manifest.old, new: manifest.new, made: now)
    report.backfill = RunReport.Run(
      command: manifest.command, mapping: manifest.mapping, status: overview.status(at: now), series: series,
      changes: overview.pass.changes)
    report.workers = overview.countsByWorker.map { RunReport.Worker(name: $0.worker, counts: $0.counts) }
    report.redrives = try RunReport.redrives(in: directory)
    report.verify =
      try verification.map { RunReport.Verify($0.overview, $0.series, at: now) } ?? RunReport.Verify(stateDirectory: "\(directory)/verify")
    return report
  }

  /// A run in the control table and its course; nil where there is none.
  private static func look(
    _ kind: SharedRun.Kind, _ context: CommandContext
  ) async throws -> (overview: SharedPassOverview, series: RunSeries)? {
    try await SharedRun.with(kind, context) { table -> (overview: SharedPassOverview, series: RunSeries)? in
      guard let overview = try await table.overview() else { return nil }
      return (overview, try await table.series(of: overview.pass))
    } ?? nil
  }

  /// What the control table says.
  private static func look(at table: ControlTable) async throws -> RunReport.Migration {
    guard let item = try await table.controlItem() else { throw await ControlledMigration.unknown(table) }
    return RunReport.Migration(
      control: item, steps: try await table.steps(), participants: try await table.participants(), runs: try await table.records())
  }
}
