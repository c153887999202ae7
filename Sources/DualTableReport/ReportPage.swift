internal import DualTableScan
internal import MigrationControl

extension RunReport {
  /// The report as one page of HTML that asks nobody for anything: style and drawings are in it, and it runs no program.
  package var html: String { ReportPage(report: self).document.markup }
}

/// The report as a page: a summary for whoever pays, charts and tables for whoever runs it.
struct ReportPage: Sendable {
  let report: RunReport
  /// What its sections' and charts' names begin with, where the page tells of several migrations.
  var prefix = ""

  var document: HTML {
    let title: HTML =
      report.comparison.map { "\($0.title)" }
      ?? "\(report.rehearsal == nil ? "Migration" : "Rehearsal") of \(report.old.name) to \(report.new.name)\(report.back.isEmpty ? "" : ", and back")"
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
      <meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
      <link rel="icon" href="data:,"><style>
      \(ReportStyle.sheet)
      </style></head><body>
      <header><p class="by">dualtable report, \(Figures.moment(report.made))</p><h1>\(title)</h1>\(report.comparison == nil ? status.html : "")</header>
      <main>
      \(sections)\(back)</main>
      <footer><p>\(footer)</p></footer>
      </body></html>

      """
  }

  /// The migrations back, each with its own summary.
  private var back: [HTML] {
    report.back.enumerated().map { index, report in
      let page = ReportPage(report: report, prefix: "back-\(index + 1)-")
      return """
        <article><h1>And back: \(report.old.name) to \(report.new.name)</h1>\(page.ownStatus.html)
        \(page.sections)</article>

        """
    }
  }

  private var sections: [HTML] {
    var sections: [HTML] = []
    func add(_ id: String, _ title: String, _ content: HTML?) {
      if let content { sections.append(section(id, title, content)) }
    }
    // What such a page is for comes first, and what the rest of it relates to.
    add("comparison", "Throughput side by side", report.comparison.map(comparison))
    add("summary", "Summary", summary)
    add("history", "What the clients saw", report.rehearsal.map(history))
    add("charts", "The run over time", report.backfill.flatMap(charts))
    add("outcomes", "What became of the items", report.backfill.map(outcomes))
    add("workers", "Who did the work", report.workers.isEmpty ? nil : workers)
    add("dead-letters", "Items left behind, by reason", report.backfill.flatMap(deadLetters))
    add("requests", "Throttling and latency", report.backfill.map(requests))
    add("changes", "Changes while it ran", report.backfill.map(changes))
    add("redrives", "Dead letters taken up again", report.redrives.isEmpty ? nil : redrives)
    add("verify", "Verification", report.verify.map(verification))
    add("phases", "Phases, and who agreed", report.migration.map(phases))
    add("cost", "Capacity and cost", report.backfill.map(cost))
    return sections
  }

  private func section(_ id: String, _ title: String, _ content: HTML) -> HTML {
    "<section id=\"\(prefix + id)\"><h2>\(title)</h2>\n\(content)</section>\n"
  }

  private var footer: HTML {
    var places: HTML =
      "<code>\(report.old.name)</code> at \(report.old.endpoint), <code>\(report.new.name)</code> at \(report.new.endpoint)."
    if let mapping = report.backfill?.mapping ?? report.migration?.control.mapping {
      places = places + " Mapping <code>\(String(mapping.prefix(12)))…</code>."
    }
    return places + " Times of day are as the machines' clocks told them."
  }
}
