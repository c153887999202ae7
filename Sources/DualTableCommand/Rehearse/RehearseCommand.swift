internal import ArgumentParsing
internal import DualTableMapping
internal import DualTableRehearsal
internal import DualTableReport
internal import DualTableScan
internal import HTTPTransport

extension ToolCommand {
  /// Rehearses a whole migration on this machine.
  static func rehearse(tool: String) -> ToolCommand {
    ToolCommand(
      name: "rehearse", abstract: "Rehearses a whole migration on this machine: tables, a live service, faults, a crash, every phase.",
      discussion: "No account, no network: an embedded DynamoDB holds the tables, and hours of leases pass in seconds of virtual time. A "
        + "service of twenty clients reads and writes through all of it, and every answer is judged at the end. The same seed rehearses the "
        + "same again.\n"
        + "Exit status: 0 nothing was lost, resurrected or overwritten, and every item could be converted; 1 something was found; 2 could "
        + "not; 130 interrupted.",
      examples: [
        .init("\(tool) rehearse", "Rehearses with the built-in mapping and 200,000 made-up items."),
        .init("\(tool) rehearse --mapping users.yaml", "Rehearses your own mapping."),
        .init("\(tool) rehearse --mapping users.yaml --scenario rollback", "Rehearses the way back as well, through the inverse mapping."),
        .init("\(tool) rehearse --mapping users.yaml --input items.jsonl", "Rehearses your own mapping with your own exported items."),
      ],
      groups: [RehearseSettings.mapped, RehearseSettings.group, SharedSettings.output], run: RehearseSettings.run)
  }
}

enum RehearseSettings {
  static let items = Setting.number("items", "How many items.", in: 1...10_000_000, default: "200000, or all of --input")
  static let input = Setting.text(
    "input", "file", "Items of the old table in place of made-up ones: DynamoDB JSON lines, as they are or as an export to S3 has them.",
    .file)
  static let seed = Setting.seed("seed", "What everything is drawn from.", default: "1")
  static let faults = Setting<RehearsalFaults>.choice("faults", "amount", "How much goes wrong.", default: "light")
  static let history = Setting.text("history", "file", "Where every operation is written to, a line of JSON each.", .file)
  static let scenario = Setting<Scenario>.choice(
    "scenario", "name",
    "What is rehearsed: a whole migration, one that is rolled back through the inverse mapping, or how throughput falls with one scanner and doesn't with the backfill.",
    default: "migration")
  static let state = Setting.text("state", "directory", "Where the report goes.", .directory, default: ".dualtable/rehearsal")
  static let mapped = SettingGroup(
    "mapping", [Setting.text("mapping", "file", "The mapping file.", .file, default: "users.yaml, built in").declaration])
  static let group = SettingGroup(
    "the rehearsal",
    [
      scenario.declaration, items.declaration, input.declaration, seed.declaration, faults.declaration, history.declaration,
      state.declaration,
    ])

  enum Scenario: String, Sendable, CaseIterable {
    case migration, rollback, slowdown
  }

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    if try settings.value(scenario) == .slowdown { return try slowdown(context) }
    let mapping = try context.loadMapping(builtIn: BuiltInMapping.users)
    let directory = try settings.value(state) ?? ".dualtable/rehearsal"
    let work = try WorkDirectory("\(directory)/run")
    var configuration = Rehearsal.Configuration(
      mapping: mapping, items: try stock(context, mapping), seed: try settings.value(seed) ?? 1, directory: work.path)
    if try settings.value(scenario) == .rollback { configuration.inverse = try inverse(of: mapping, tool: context.tool.name) }
    configuration.faults = try settings.value(faults) ?? .light
    configuration.history = try settings.value(history)
    let teller = RehearsalTeller(context)
    let result: RehearsalResult
    do {
      result = try Rehearsal(configuration).run(stop: context.surroundings.stop) { teller.tell($0) }
    } catch  where context.surroundings.stop.reason != nil {
      context.log.info("Interrupted; the same command rehearses the same again.")
      return .interrupted
    }
    let report = "\(directory)/report.html"
    try File.replace(report, with: ByteBuffer(try teller.report(result, configuration).html.utf8).span)
    try teller.show(result, configuration, report: report)
    return result.isClean ? .done : .findings
  }

  /// The night has tables and items of its own, and no service.
  private static func slowdown(_ context: CommandContext) throws -> ToolStatus {
    for declaration in [SharedSettings.mapping.declaration, items.declaration, input.declaration, faults.declaration, history.declaration] {
      guard case .flag(let name)? = context.settings.text(of: [declaration])?.origin else { continue }
      throw CommandError("--scenario slowdown has tables and items of its own and takes no --\(name).")
    }
    let directory = try context.settings.value(state) ?? ".dualtable/rehearsal"
    let work = try WorkDirectory("\(directory)/run")
    return try SlowdownTeller(context, work.path, report: "\(directory)/report.html").run()
  }

  /// The mapping by which the way back goes.
  private static func inverse(of mapping: any TableMapping, tool: String) throws(CommandError) -> CompiledMapping {
    guard let compiled = mapping as? CompiledMapping else {
      throw CommandError("A mapping in Swift has no inverse that could be made of it, so that no way back can be rehearsed.")
    }
    do throws(MappingFindings) {
      return try CompiledMapping(yaml: Array(try compiled.inverse().utf8), file: "the inverse mapping")
    } catch {
      let others = error.findings.count - 1
      let more = others > 0 ? " (and \(Figures.count(others, "finding")) more)" : ""
      throw CommandError(
        "No way back can be rehearsed: \(error.findings.first?.description ?? "there is no inverse")\(more); `\(tool) mapping invert` lists all that stands against it."
      )
    }
  }

  private static func stock(_ context: CommandContext, _ mapping: any TableMapping) throws -> Rehearsal.Items {
    let count = try context.settings.value(items)
    guard let path = try context.settings.value(input) else { return .madeUp(count ?? 200_000) }
    return .given(try ItemFile(path, mapping, limit: count, memory: FreeMemory.bytes()).items)
  }
}

/// The directory in which a rehearsal's runs keep what they keep; `report` reads it as any other state directory.
private struct WorkDirectory {
  let path: String
  private static let parts = ["", "/killed", "/verify", "/sweep"].flatMap { [$0, "/back" + $0] }
  /// The file by which a rehearsal knows that what is there is its own.
  private static let mark = "rehearsal"

  /// Makes it, without what an earlier rehearsal may have left.
  ///
  /// - Throws: where a link, or another user's directory, is in its place, or files that no rehearsal has left: they aren't ours to remove.
  init(_ path: String) throws(StateError) {
    self.path = path
    let isOurs = File.exists("\(path)/\(Self.mark)")
    try File.makeDirectory(path)
    let found = try File.names(in: path) + File.directories(in: path)
    guard isOurs || found.isEmpty else {
      throw StateError(.file, "The directory \(path) holds what no rehearsal has left: name another one with --state, or empty it.")
    }
    try File.replace("\(path)/\(Self.mark)", with: ByteBuffer("A rehearsal's; the next one empties it.\n".utf8).span)
    for part in Self.parts where part.isEmpty || File.exists(path + part) {
      // Not through a link that somebody has put into a part's place.
      try File.makeDirectory(path + part)
      for name in try File.names(in: path + part) where name != Self.mark { try File.remove("\(path)\(part)/\(name)") }
    }
  }
}
