internal import AWSAuth
internal import DualTableRehearsal
internal import DualTableReport
internal import DualTableScan
internal import DynamoDBModel
internal import HTTPTransport

/// Tells of the night on which a migration slowed down, and of the same night with the backfill.
struct SlowdownTeller: Sendable {
  private static let (columns, rows) = (60, 10)

  private let context: CommandContext
  private let directory: String
  private let report: String

  /// - Parameters:
  ///   - directory: for the backfill's state, empty.
  ///   - report: the page's path.
  init(_ context: CommandContext, _ directory: String, report: String) {
    self.context = context
    self.directory = directory
    self.report = report
  }

  func run() throws -> ToolStatus {
    let reporter = ProgressReporter("rehearse", context)
    let elapsed = context.stopwatch()
    let seed = try context.settings.value(RehearseSettings.seed) ?? 1
    let result: Slowdown.Result
    do {
      result = try Slowdown(seed: seed, directory: directory).run(stop: context.surroundings.stop) { detail in
        reporter.update(at: elapsed(), [("elapsed", Figures.clock(elapsed())), ("detail", detail)])
      }
    } catch  where context.surroundings.stop.reason != nil {
      context.log.info("Interrupted; the same command rehearses the same again.")
      return .interrupted
    }
    context.terminal.showLive("")
    try write(result)
    if try context.settings.isOn(SharedSettings.json) {
      context.terminal.result(json(result, seed: seed).text)
    } else {
      context.terminal.result(text(result))
    }
    return .done
  }

  private static let says = """
    1.5 million items of 5.1 GB are on their way from a table of 100 read units to one of 400 write units,
    and after ten minutes somebody raises them to 600 and 2,500. One scanner in hash order starts on the
    units that nobody had used, falls to 0.4 of that once they are spent, and then gets the 1,000 that one
    partition gives, whatever is paid for. The backfill holds what the table is given, and takes more when
    there is more.
    """
  private static let note = """
    Rehearsed with \(Figures.count(Slowdown.defaultItems)) of the items and a tenth of every capacity, so that it ends soon. The curves
    above are told at full size; the backfill's own report has a tenth of each figure.
    """

  private func write(_ result: Slowdown.Result) throws {
    guard var page = try RunReport(stateDirectory: directory, made: context.surroundings.wallClock.now()) else {
      throw CommandError("The backfill left no state in \(directory), so that there is nothing to report.")
    }
    func curve(_ name: String, _ curve: Slowdown.Curve) -> RunReport.Comparison.Curve {
      .init(name: name, points: curve.writeUnits.enumerated().map { (Double(($0.offset + 1) * Slowdown.interval), $0.element) })
    }
    let (raise, units) = (Slowdown.raise / .seconds(1), Slowdown.writeUnits)
    let end = max(raise, result.scanner.seconds, result.backfill.seconds)
    page.comparison = RunReport.Comparison(
      title: "A night that slowed down", says: Self.says, note: Self.note, unit: "write units a second",
      curves: [curve("one scanner in hash order", result.scanner), curve("dualtable backfill", result.backfill)],
      allowed: .init(name: "allowed", points: [(0, units.before), (raise, units.before), (raise, units.after), (end, units.after)]))
    try File.replace(report, with: ByteBuffer(page.html.utf8).span)
  }

  private func json(_ result: Slowdown.Result, seed: UInt64) -> JSONValue {
    func curve(_ curve: Slowdown.Curve) -> JSONValue {
      .object([
        .init("seconds", .number(Figures.decimal(curve.seconds, places: 0))),
        .init("writeUnits", .array(curve.writeUnits.map { .number(Figures.decimal($0, places: 1)) })),
      ])
    }
    return .object([
      .init("seed", .number("\(seed)")), .init("interval", .number("\(Slowdown.interval)")), .init("scanner", curve(result.scanner)),
      .init("backfill", curve(result.backfill)), .init("report", .string(report)),
    ])
  }

  // MARK: The terminal's chart

  private func text(_ result: Slowdown.Result) -> String {
    let points = max(result.scanner.writeUnits.count, result.backfill.writeUnits.count)
    let top = max(result.scanner.writeUnits.max() ?? 0, result.backfill.writeUnits.max() ?? 0, 1)
    let charts = [("one scanner in hash order", result.scanner), ("dualtable backfill", result.backfill)].map { name, curve in
      let minutes = Figures.decimal(curve.seconds / 60, places: 0)
      return "\(name): \(minutes) min\n" + Self.chart(curve.writeUnits, points: points, top: top)
    }
    return """

      write units a second on the new table, of 400 and from minute 10 on of 2,500

      \(charts.joined(separator: "\n\n"))

      \(Self.says)
      \(Self.note)

      report   \(report)
      """
  }

  /// Columns of eighths, as high as `top` at most; all charts of one `points` are as wide.
  static func chart(_ values: [Double], points: Int, top: Double) -> String {
    let blocks = Array(" ▁▂▃▄▅▆▇█")
    let columns = (0..<columns).map { column -> Double in
      let (from, to) = (column * points / Self.columns, max(column * points / Self.columns + 1, (column + 1) * points / Self.columns))
      let part = values[min(from, values.count)..<min(to, values.count)]
      return part.isEmpty ? 0 : part.reduce(0, +) / Double(part.count)
    }
    let lines = (0..<rows).map { row in
      let floor = rows - 1 - row
      let label = row == 0 ? Figures.count(Int(top.rounded())) : floor == 0 ? "0" : ""
      let cells = columns.map { value -> Character in
        let eighths = Int((value / top * Double(rows * 8)).rounded()) - floor * 8
        return blocks[min(8, max(0, eighths))]
      }
      return String(repeating: " ", count: max(0, 7 - label.count)) + label + " │" + String(cells)
    }
    return lines.joined(separator: "\n") + "\n" + String(repeating: " ", count: 8) + "└" + String(repeating: "─", count: Self.columns)
  }
}
