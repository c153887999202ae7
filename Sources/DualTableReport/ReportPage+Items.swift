internal import DualTableMapping
internal import DualTableScan

extension ReportPage {
  /// The outcomes, in the order in which they are printed everywhere.
  private static let outcomes: [(counter: PassCounter, name: String, says: String)] = [
    (.migrated, "migrated", "put into the new table"),
    (.alreadyThere, "alreadyThere", "the very item was there"),
    (.superseded, "superseded", "the service had written something newer"),
    (.deleted, "deleted", "the service had deleted it"),
    (.filtered, "filtered", "the mapping leaves it out"),
    (.failed, "failed", "a dead letter: it waits to be looked at"),
  ]

  /// What became of every item that was read: the books, which must balance.
  func outcomes(_ run: RunReport.Run) -> HTML {
    let counts = run.status.totals
    let scanned = counts[.scanned]
    let sum = Self.outcomes.reduce(0) { $0 + counts[$1.counter] }
    var rows: [[Table.Cell]] = Self.outcomes.map {
      [.code($0.name), .text($0.says), Table.Cell(counts[$0.counter]), .text(Figures.share(counts[$0.counter], of: scanned))]
    }
    rows.append([.code("scanned"), "read of the old table", Table.Cell(scanned), .text(Figures.share(scanned, of: scanned))])
    let table = Table(
      "Each item that was read ended in exactly one of these", ["outcome", .meaning, .number("items"), .number("share")], rows)
    let parts = Self.outcomes.map { "\(Figures.count(counts[$0.counter])) \($0.name)" }.joined(separator: " + ")
    let balance: HTML =
      sum == scanned
      ? "<p class=\"equation\">✓ It adds up: \(Figures.count(scanned)) scanned = \(parts).</p>"
      : "<p class=\"equation bad\">✗ It does not add up: \(Figures.count(scanned)) scanned, but \(parts). Please report this with the state directory.</p>"
    return "\(bar(counts))\(table.html)\(balance)\n"
  }

  /// The shares as a bar; the table below says the same.
  private func bar(_ counts: PassCounts) -> HTML {
    guard counts[.scanned] > 0 else { return "" }
    let parts: [(HTML, Int)] = [
      ("a", counts[.migrated] + counts[.alreadyThere]), ("b", counts[.superseded] + counts[.deleted]), ("c", counts[.filtered]),
      ("d", counts[.failed]),
    ]
    let pieces: [HTML] = parts.filter { $0.1 > 0 }.map { "<i class=\"\($0.0)\" style=\"flex:\($0.1)\"></i>" }
    return "<div class=\"bar\" aria-hidden=\"true\">\(pieces)</div>\n"
  }

  func deadLetters(_ run: RunReport.Run) -> HTML? {
    guard run.status.totals[.failed] > 0 else { return nil }
    let reasons = run.status.reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let rows: [[Table.Cell]] = reasons.map { reason, count in
      [.code(reason), .text(Self.explanation(of: reason)), Table.Cell(count), .text(Figures.share(count, of: run.status.totals[.failed]))]
    }
    return """
      \(Table("Dead letters by reason", ["reason", .meaning, .number("items"), .number("share")], rows).html)\
      <p>Their keys stand in <code>dead-letters.jsonl</code> of the state directory. Mend the mapping or the items, then run \
      <code>dualtable redrive</code>; whatever is to be given up is named to <code>dualtable cutover</code>.</p>

      """
  }

  private static func explanation(of reason: String) -> String {
    switch reason {
    case "refused": "the service won't store the new item; the dead letter has its words"
    case "retriesSpent": "its put failed again and again while others went through"
    case "keyMoved": "the mended mapping gives the item another key than the first one"
    default: ConversionError.Code.sentence(of: reason) ?? "see the dead letters"
    }
  }

  /// What each of the processes that shared the run did of it.
  var workers: HTML {
    let all = report.workers.reduce(0) { $0 + $1.counts[.scanned] }
    let rows: [[Table.Cell]] = report.workers.map { worker in
      [
        .code(worker.name), Table.Cell(worker.counts[.scanned]), .text(Figures.share(worker.counts[.scanned], of: all)),
        Table.Cell(worker.counts[.migrated]), Table.Cell(worker.counts[.failed]),
      ]
    }
    return Table(
      "The segments that each process held last",
      ["process", .number("items read"), .number("share"), .number("put"), .number("failed")], rows
    ).html
  }

  func changes(_ run: RunReport.Run) -> HTML {
    guard !run.changes.isEmpty else { return "<p class=\"none\">Nothing was changed while it ran.</p>\n" }
    let rows: [[Table.Cell]] = run.changes.enumerated().map { index, change in
      [
        .text("\(index + 1)"), .text(Figures.moment(change.milliseconds)),
        .text(Self.elapsed(at: change.milliseconds, run.series).map(Figures.span) ?? "–"), .code(change.what),
      ]
    }
    return Table("Made with ctl, numbered as in the charts", ["", "when", "after", "change"], rows).html
  }

  var redrives: HTML {
    let rows: [[Table.Cell]] = report.redrives.map { run in
      let counts = run.status.totals
      return [
        .code("\(run.mapping.prefix(12))…"), Table.Cell(counts[.scanned]), Table.Cell(counts[.migrated] + counts[.alreadyThere]),
        Table.Cell(counts[.superseded] + counts[.deleted] + counts[.filtered]), Table.Cell(counts[.failed]),
        .text(run.isComplete ? "yes" : "no"),
      ]
    }
    return Table(
      "One row a mapping",
      ["mended mapping", .number("looked at"), .number("copied"), .number("no longer needed"), .number("failed again"), "complete"], rows
    ).html
  }
}
