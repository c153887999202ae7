internal import DualTableScan
internal import DualTableVerify
internal import MigrationControl

extension ReportPage {
  func verification(_ verify: RunReport.Verify) -> HTML {
    guard let outcome = verify.outcome else {
      return "<p>A verification is under way, or was stopped: run the same command again.</p>\n\(verifyChart(verify))"
    }
    let result = outcome.result
    let says: HTML =
      switch result.verdict {
      case .clean: "<p class=\"status good\">✓ Nothing is missing</p>"
      case .undecided: "<p class=\"status warn\">! Not everything could be looked at</p>"
      default: "<p class=\"status bad\">✗ There are findings</p>"
      }
    let meanings: [(String, String, Int)] = [
      ("oldIds", "ids that the old table yields", result.oldIDs), ("newIds", "ids in the new table", result.newIDs),
      ("missing", "of the old ids, not in the new table", result.missing), ("repaired", "of the missing, put there now", result.repaired),
      ("differing", "differ, though nobody wrote them since", result.differing),
      ("superseded", "differ, since the service wrote them", result.superseded),
      ("extra", "only in the new table: the service's own", result.extra), ("tombstones", "marks of deleted items", result.tombstones),
      ("unconvertible", "old items that can't be converted", result.unconvertible),
      ("filtered", "old items that the mapping leaves out", result.filtered), ("rechecked", "looked at once more", result.rechecked),
      ("undecided", "could not be read again", result.undecided),
    ]
    let known = Set(result.counts.map(\.name))
    let rows: [[Table.Cell]] = meanings.filter { known.contains($0.0) }.map { [.code($0.0), .text($0.1), Table.Cell($0.2)] }
    let what = outcome.comparedContent ? "ids and items" : "ids"
    return """
      \(says)<p>Compared \(what), done \(Figures.moment(outcome.finished)), after \(Figures.span(result.seconds)) of work.</p>
      \(Table("What it counted", ["count", .meaning, .number("ids")], rows).html)\(verifyChart(verify))
      """
  }

  private func verifyChart(_ verify: RunReport.Verify) -> HTML {
    let curves = RunCurves(verify.series)
    guard curves.points.count > 2 else { return "" }
    return Chart(
      id: prefix + "verify-reads", title: "Reads of both tables",
      summary: Self.course(curves.points.map(\.readUnits), "read units a second of the old table"),
      unit: "read units a second",
      lines: [
        .init(name: "old table", style: .first, points: curves.points.map { ($0.seconds, $0.readUnits) }),
        .init(name: "new table", style: .second, points: curves.points.map { ($0.seconds, $0.newReadUnits) }),
      ], seconds: curves.seconds
    ).figure
  }

  func history(_ rehearsal: RunReport.Rehearsal) -> HTML {
    let says: HTML =
      rehearsal.isClean
      ? "<p class=\"status good\">✓ Every acknowledged write was seen by every later read</p>"
      : "<p class=\"status bad\">✗ The history shows what must not be</p>"
    let rows: [[Table.Cell]] = [
      ["operations", .text("of \(Figures.count(rehearsal.clients, "client"))"), Table.Cell(rehearsal.operations)],
      ["lost", "acknowledged writes that a later read didn't see", Table.Cell(rehearsal.lost)],
      ["resurrected", "deleted items that came back", Table.Cell(rehearsal.resurrected)],
      ["overwritten", "writes of the service that the backfill wrote over", Table.Cell(rehearsal.overwritten)],
    ]
    let facts = rehearsal.facts.map { [Table.Cell.text($0.name), .text($0.value)] }
    let setting: HTML = facts.isEmpty ? "" : Table("What was rehearsed", ["", "value"], facts).html
    return """
      \(says)\(Table("The check of every operation that the clients made", ["", .meaning, .number("count")], rows).html)\(setting)\
      <p class="note">Seed <code>\(String(rehearsal.seed))</code>, digest of the history <code>\(rehearsal.digest)</code>: the same seed gives the same history.</p>

      """
  }

  func phases(_ migration: RunReport.Migration) -> HTML {
    let control = migration.control
    var under: HTML = ""
    if let next = control.next {
      under = "<p>A switch to \(next.to.description) is under way: \(next.stage.rawValue).</p>\n"
    }
    return """
      <p>Phase \(control.phase.rawValue) of 5, <code>\(control.phase.description)</code>, epoch \(control.epoch).</p>
      \(under)\(steps(migration.steps))\(participants(migration))\(runs(migration.runs))
      """
  }

  private func steps(_ steps: [StepRecord]) -> HTML {
    guard !steps.isEmpty else { return "<p class=\"none\">No step is recorded.</p>\n" }
    let rows: [[Table.Cell]] = steps.map { step in
      var how: [String] = []
      if step.isFenced { how.append("behind a fence") }
      if step.acceptsUnresolved { how.append("unresolved writes accepted") }
      if !step.removed.isEmpty { how.append("\(Figures.count(step.removed.count, "dead participant")) removed") }
      let names: [HTML] = step.acknowledged.map { "<li>\(code($0.name)) \(Figures.timeOfDay($0.seen))</li>" }
      let who: HTML = names.isEmpty ? "nobody had to" : "<ul class=\"names\">\(names)</ul>"
      return [
        .text(step.from.map { "\($0) → \(step.to)" } ?? "began in \(step.to)"), .text(Figures.moment(step.made)),
        .piece(who), .text(how.isEmpty ? "–" : how.joined(separator: ", ")),
      ]
    }
    return Table("Steps so far", ["step", "made", "acknowledged by, and when", "how"], rows).html
  }

  private func participants(_ migration: RunReport.Migration) -> HTML {
    guard !migration.participants.isEmpty else { return "<p class=\"none\">Nobody takes part at the moment.</p>\n" }
    let rows: [[Table.Cell]] = migration.participants.map { participant in
      [
        .code(participant.name), participant.acknowledged == migration.control.epoch ? "yes" : "not yet",
        .text(participant.unmanaged ? "writes by itself" : participant.unresolvedUntil.map(Figures.moment) ?? "–"),
        Table.Cell(participant.fallbacks), .text(participant.lastFallback.map(Figures.moment) ?? "–"),
      ]
    }
    return Table(
      "Who takes part now", ["participant", "acknowledged", "unresolved until", .number("reads from the old table"), "last of them"], rows
    ).html
  }

  private func runs(_ runs: [RunRecord]) -> HTML {
    guard !runs.isEmpty else { return "" }
    let rows: [[Table.Cell]] = runs.map { run in
      [
        .text(run.command.rawValue), .text(Figures.moment(run.finished)), run.isClean ? "clean" : "findings",
        .text(run.counts.filter { $0.value > 0 }.map { "\($0.name) \(Figures.count($0.value))" }.joined(separator: ", ")),
      ]
    }
    return Table("Last run of each command, as the control table has it", ["command", "ended", "result", "counts"], rows).html
  }
}
