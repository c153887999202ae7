internal import DualTableBackfill
internal import DualTableScan

/// How a backfill's or a redrive's result is told, and how the tool ends then.
enum BackfillReport {
  /// The figures that add up, by the names of JSON.
  static let outcomes: [(name: String, counter: PassCounter)] = [
    ("scanned", .scanned), ("migrated", .migrated), ("alreadyThere", .alreadyThere), ("superseded", .superseded), ("deleted", .deleted),
    ("filtered", .filtered), ("failed", .failed),
  ]

  static func table(_ result: BackfillResult) -> ResultTable {
    ResultTable(
      rows: outcomes.map { ($0.name, .count(result.counts[$0.counter])) } + [
        ("failedByReason", .counts(result.reasons)), ("seconds", .decimal(result.seconds)),
        ("itemsPerSecond", .decimal(result.itemsPerSecond)), ("readUnits", .decimal(result.readUnits)),
        ("writeUnits", .decimal(result.writeUnits)), ("peakMemoryBytes", .count(ResultTable.peakMemoryBytes)),
        ("more", .flag(result.more)),
      ])
  }

  /// Prints the result.
  static func show(_ result: BackfillResult, _ context: CommandContext) throws -> ToolStatus {
    let table = table(result)
    context.terminal.result(try context.settings.isOn(SharedSettings.json) ? table.json : table.text)
    let failed = result.counts[.failed]
    if failed > 0 {
      context.log.warning(
        "\(Figures.count(failed, "item")) could not be migrated; \(result.deadLetters) says which and why: mend the mapping, then redrive.")
    }
    switch result.stopped {
    case .interrupted: return context.interrupted()
    case .timeLimit, .itemLimit:
      context.log.info("Stopped at the limit; run the same command again to go on.")
      return .limit
    case nil:
      if result.wasComplete { context.log.info("This run was finished before; these are its totals.") }
      return failed > 0 ? .findings : .done
    }
  }
}
