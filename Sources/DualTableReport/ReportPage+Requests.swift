internal import DualTableBackfill
internal import DualTableScan
internal import DualTableVerify

extension ReportPage {
  /// What the service refused for its rate, how long it took to answer, and what kept the run from going faster.
  func requests(_ run: RunReport.Run) -> HTML {
    let samples = run.series.samples
    guard !samples.isEmpty else { return "<p class=\"none\">The run has left no record of its time.</p>\n" }
    let sum = samples.reduce(into: RequestMeter.Reading()) { sum, sample in
      sum.reads += sample.requests.reads
      sum.writes += sample.requests.writes
      sum.throttles += sample.requests.throttles
    }
    return "\(throttling(sum.throttles))\(latencies(sum))\(latencyChart(run))\(limits(samples))"
  }

  private func throttling(_ throttles: [Throttle]) -> HTML {
    guard !throttles.isEmpty else { return "<p>No request was throttled.</p>\n" }
    let rows: [[Table.Cell]] = throttles.sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }.map { throttle in
      [.code(throttle.reason), throttle.access == .read ? "reads of the old table" : "writes to the new table", Table.Cell(throttle.count)]
    }
    return Table("Requests that were throttled, by the service's reason", ["reason", "of", .number("requests")], rows).html
  }

  private func latencies(_ sum: RequestMeter.Reading) -> HTML {
    let kinds = [("scan pages of the old table", sum.reads), ("writes to the new table", sum.writes)].filter { $0.1.total > 0 }
    guard !kinds.isEmpty else { return "" }
    func row(_ name: String, _ times: LatencyHistogram) -> [Table.Cell] {
      let shares = [0.5, 0.9, 0.99, 0.999, 1].map { times.seconds(of: $0) }
      return [.text(name), Table.Cell(times.total)] + shares.map { .text($0.map(Figures.span) ?? "–") }
    }
    return Table(
      "Time to an answer, to a sixteenth",
      ["requests", .number("answered"), .number("half within"), .number("90 %"), .number("99 %"), .number("99.9 %"), .number("all")],
      kinds.map(row)
    ).html
  }

  private func latencyChart(_ run: RunReport.Run) -> HTML {
    let curves = RunCurves(run.series)
    guard curves.points.contains(where: { $0.write99 != nil }) else { return "" }
    func line(_ name: String, _ style: Chart.Style, _ value: (RunCurves.Point) -> Double?) -> Chart.Line {
      Chart.Line(name: name, style: style, points: curves.points.map { ($0.seconds, value($0).map { $0 * 1_000 }) })
    }
    return Chart(
      id: prefix + "latency", title: "Time to the answer of a write",
      summary: Self.course(curves.points.compactMap(\.write99).map { $0 * 1_000 }, "ms for 99 % of the writes"), unit: "milliseconds",
      lines: [line("half of them", .first) { $0.writeMedian }, line("99 % of them", .second) { $0.write99 }], seconds: curves.seconds
    ).figure
  }

  private func limits(_ samples: [RunSample]) -> HTML {
    var times: [(limit: String, milliseconds: Int)] = []
    var before = 0
    for sample in samples {
      defer { before = sample.elapsed }
      guard let limit = sample.limit else { continue }
      if let index = times.firstIndex(where: { $0.limit == limit }) {
        times[index].milliseconds += sample.elapsed - before
      } else {
        times.append((limit, sample.elapsed - before))
      }
    }
    guard !times.isEmpty else { return "" }
    let all = times.reduce(0) { $0 + $1.milliseconds }
    let rows: [[Table.Cell]] = times.sorted { $0.milliseconds > $1.milliseconds }.map {
      [.code($0.limit), .text(Figures.span(Double($0.milliseconds) / 1_000)), .text(Figures.share($0.milliseconds, of: all))]
    }
    return Table("What kept the run from going faster", ["limited by", .number("time"), .number("share")], rows).html
  }

  /// What a run's capacity comes to by the price list.
  func dollars(_ run: RunReport.Run) -> Double {
    let counts = run.status.totals
    return report.prices.cost(
      readUnits: Double(counts[.readMilliunits]) / 1_000, writeUnits: Double(counts[.writeMilliunits]) / 1_000)
  }

  func cost(_ run: RunReport.Run) -> HTML {
    var rows: [[Table.Cell]] = []
    var total = 0.0
    func add(_ what: String, _ units: Double, _ price: Double, _ kind: String) {
      guard units > 0 else { return }
      total += units * price / 1_000_000
      rows.append([
        .text(what), .text("\(Figures.amount(units)) \(kind)"), .text("$\(price)"), .text(Figures.dollars(units * price / 1_000_000)),
      ])
    }
    for (name, run) in [("backfill", run)] + report.redrives.map({ ("redrive", $0) }) {
      let counts = run.status.totals
      add("\(name), reads of the old table", Double(counts[.readMilliunits]) / 1_000, report.prices.readPerMillion, "read units")
      add("\(name), writes to the new table", Double(counts[.writeMilliunits]) / 1_000, report.prices.writePerMillion, "write units")
    }
    if let result = report.verify?.outcome?.result {
      add("verification, reads of both tables", result.readUnits, report.prices.readPerMillion, "read units")
    }
    if rows.count > 1 { rows.append(["together", "", "", .text(Figures.dollars(total))]) }
    let table = Table("Units as the service reported them", ["what", .number("units"), .number("price a million"), .number("cost")], rows)
    let prices = report.prices
    let since = prices.date.map { " as of \($0)" } ?? ""
    return """
      \(rows.isEmpty ? "<p class=\"none\">No capacity was used yet.</p>" : table.html)\
      <p class="note">Prices of \(prices.source)\(since). A provisioned table costs what is provisioned, whatever is used.</p>

      """
  }
}
