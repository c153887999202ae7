internal import DualTableScan

extension ReportPage {
  /// The three charts that tell how a run went: what was read of the old table, what was written to the new one, and how full pages were.
  func charts(_ run: RunReport.Run) -> HTML? {
    let curves = RunCurves(run.series)
    guard !curves.points.isEmpty else { return nil }
    let marks = changeMarks(run)
    func line(_ name: String, _ style: Chart.Style, _ value: (RunCurves.Point) -> Double?) -> Chart.Line {
      Chart.Line(name: name, style: style, points: curves.points.map { ($0.seconds, value($0)) })
    }
    func lines(_ main: Chart.Line, _ limit: Chart.Line) -> [Chart.Line] {
      limit.points.contains { $0.value != nil } ? [main, limit] : [main]
    }
    let points = curves.points
    let charts = [
      Chart(
        id: prefix + "reads", title: "Reads of the old table", summary: Self.course(points.map(\.readUnits), "read units a second"),
        unit: "read units a second",
        lines: lines(line("used", .first) { $0.readUnits }, line("allowed", .limit) { $0.readLimit }), marks: marks,
        seconds: curves.seconds),
      Chart(
        id: prefix + "writes", title: "Writes to the new table", summary: Self.course(points.map(\.writeUnits), "write units a second"),
        unit: "write units a second",
        lines: lines(line("used", .first) { $0.writeUnits }, line("allowed", .limit) { $0.writeLimit }), marks: marks,
        seconds: curves.seconds),
      Chart(
        id: prefix + "pages", title: "Items per scan page", summary: Self.course(points.compactMap(\.itemsPerPage), "items a page"),
        unit: "items a page", lines: [line("items a page", .first) { $0.itemsPerPage }], marks: marks, seconds: curves.seconds),
    ]
    let restarts = run.status.restarts
    return """
      <p class="note">Over the time that was worked\(
        restarts > 0 ? "; the run was taken up again \(restarts == 1 ? "once" : "\(Figures.count(restarts)) times"), and what lay between isn't shown" : "" as HTML).</p>
      \(charts.map(\.figure))
      """
  }

  /// Where changes were made, by the numbers that they have in the list of them.
  private func changeMarks(_ run: RunReport.Run) -> [Chart.Mark] {
    // Many would hide what they are to explain.
    guard run.changes.count <= 24 else { return [] }
    return run.changes.enumerated().compactMap { index, change in
      Self.elapsed(at: change.milliseconds, run.series).map { Chart.Mark(seconds: $0, number: index + 1) }
    }
  }

  /// How long had been worked at a moment of the day; nil where the series doesn't know.
  static func elapsed(at moment: Int64, _ series: RunSeries) -> Double? {
    guard let next = series.samples.firstIndex(where: { $0.moment >= moment }) else { return nil }
    let after = series.samples[next]
    // Before the first sample time ran as it does.
    let ago = Double(after.moment - moment)
    let least = next > 0 ? Double(series.samples[next - 1].elapsed) : 0
    return max(least, Double(after.elapsed) - ago) / 1_000
  }

  /// A curve in a sentence: its mean at the beginning, at the end, and its highest point.
  static func course(_ values: [Double], _ unit: String) -> String {
    guard let highest = values.max() else { return "Nothing was measured." }
    let tenth = max(1, values.count / 10)
    func mean(_ part: some Collection<Double>) -> Double { part.reduce(0, +) / Double(max(1, part.count)) }
    if values.count < 10 { return "\(Figures.amount(mean(values))) \(unit) on average, at most \(Figures.amount(highest))." }
    return "\(Figures.amount(mean(values.prefix(tenth)))) \(unit) in the first tenth of the time, "
      + "\(Figures.amount(mean(values.suffix(tenth)))) in the last, at most \(Figures.amount(highest))."
  }

  /// Throughputs of two ways over one table, in one chart.
  func comparison(_ comparison: RunReport.Comparison) -> HTML {
    func line(_ curve: RunReport.Comparison.Curve, _ style: Chart.Style) -> Chart.Line {
      Chart.Line(name: curve.name, style: style, points: curve.points.map { ($0.seconds, Optional($0.value)) })
    }
    let curves = comparison.curves.prefix(2)
    let courses = curves.map { ($0.name, ThroughputCourse($0.points.map(\.value)), $0.points.last?.seconds ?? 0) }
    let chart = Chart(
      id: prefix + "throughput", title: "Throughput of both",
      summary: courses.map { name, course, _ in
        "\(name): \(Figures.amount(course.first)) in the first tenth, \(Figures.amount(course.lowest)) in the lowest, "
          + "\(Figures.amount(course.last)) in the last"
      }.joined(separator: "; ") + ".",
      unit: comparison.unit, lines: zip(curves, [.second, .first]).map(line) + [line(comparison.allowed, .limit)],
      seconds: curves.compactMap { $0.points.last?.seconds }.max() ?? 0)
    let table = Table(
      "Tenths of each run, \(comparison.unit)",
      ["", .number("first"), .number("lowest"), .number("lowest to first"), .number("last"), .number("took")],
      courses.map { name, course, seconds in
        [
          .text(name), .text(Figures.amount(course.first)), .text(Figures.amount(course.lowest)),
          .text(course.first > 0 ? "\(Figures.decimal(course.lowest / course.first, places: 2)) ×" : "–"),
          .text(Figures.amount(course.last)),
          .text(Figures.span(seconds)),
        ]
      })
    return "<p>\(comparison.says)</p>\n\(chart.figure)\(table.html)<p class=\"note\">\(comparison.note)</p>"
  }
}

/// A throughput's course by tenths of its run: how it began, the lowest it came to, and how it ended.
struct ThroughputCourse: Sendable, Hashable {
  let first: Double
  let lowest: Double
  let last: Double

  init(_ values: [Double]) {
    let length = max(1, values.count / 10)
    let means = (0...max(0, values.count - length)).map { start in
      let part = values.dropFirst(start).prefix(length)
      return part.reduce(0, +) / Double(max(1, part.count))
    }
    (first, lowest, last) = (means.first ?? 0, means.min() ?? 0, means.last ?? 0)
  }
}
