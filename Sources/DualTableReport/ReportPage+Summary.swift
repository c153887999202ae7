internal import DualTableScan
internal import DualTableVerify
internal import MigrationControl

extension ReportPage {
  /// What the whole comes to, in a word or two, with a sign for who sees no color.
  struct Status: Sendable, Equatable {
    enum Kind: Sendable {
      case good, warning, bad, busy
    }

    let kind: Kind
    let says: String

    var html: HTML {
      switch kind {
      case .good: "<p class=\"status good\">✓ \(says)</p>"
      case .warning: "<p class=\"status warn\">! \(says)</p>"
      case .bad: "<p class=\"status bad\">✗ \(says)</p>"
      case .busy: "<p class=\"status busy\">… \(says)</p>"
      }
    }
  }

  /// Of all migrations that the page tells of: the first that isn't good.
  var status: Status {
    ([ownStatus] + report.back.map { ReportPage(report: $0).status }).first { $0.kind != .good } ?? ownStatus
  }

  var ownStatus: Status {
    if let rehearsal = report.rehearsal, !rehearsal.isClean {
      return Status(kind: .bad, says: "Something went wrong: the history is not clean")
    }
    guard let run = report.backfill else { return Status(kind: .busy, says: "The backfill has not begun") }
    guard run.isComplete else { return Status(kind: .busy, says: "The backfill is not done yet") }
    let outcome = report.verify?.outcome
    switch outcome?.result.verdict {
    case .findings: return Status(kind: .bad, says: "The verification has findings")
    case .undecided: return Status(kind: .warning, says: "The verification could not look at everything")
    case nil where run.status.totals[.failed] > 0, .clean where leftBehind > 0:
      return Status(kind: .warning, says: "Done, with items left behind")
    case nil: return Status(kind: .busy, says: "Copied, not verified yet")
    case .clean: return Status(kind: .good, says: "Complete and verified")
    }
  }

  /// Dead letters that no redrive has taken across.
  private var leftBehind: Int {
    guard let last = report.redrives.last(where: \.isComplete) else { return report.backfill?.status.totals[.failed] ?? 0 }
    return last.status.totals[.failed]
  }

  var summary: HTML {
    var sentences: [HTML] = []
    if let run = report.backfill {
      let counts = run.status.totals
      let inNew = counts[.migrated] + counts[.alreadyThere]
      sentences.append(
        """
        \(Figures.count(counts[.scanned], "item")) of \(code(report.old.name)) \(counts[.scanned] == 1 ? "was" : "were") read\
        \(run.isComplete ? "" : " so far" as HTML); \(Figures.count(inNew)) were copied to \(code(report.new.name)) in its new format. 
        """)
      sentences += exceptions(counts)
      if leftBehind > 0 {
        sentences.append(
          "<strong>\(Figures.count(leftBehind, "item")) could not be copied</strong> and wait as dead letters, listed by reason below. ")
      } else if counts[.failed] > 0 {
        sentences.append(
          "\(Figures.count(counts[.failed], "item")) could not be copied at first and came across after the mapping was mended. ")
      } else if run.isComplete {
        sentences.append("None was left behind. ")
      }
    } else {
      sentences.append("Nothing has been copied yet. ")
    }
    let rest = [verified, rehearsed, report.back.isEmpty ? report.migration.map { meaning(of: $0.control.phase) } : thenBack].compactMap {
      $0
    }
    return "<p class=\"lead\">\(sentences)</p>\n\(rest.isEmpty ? "" : "<p>\(rest)</p>\n" as HTML)\(tiles)"
  }

  private func exceptions(_ counts: PassCounts) -> [HTML] {
    var parts: [String] = []
    if counts[.superseded] > 0 { parts.append("\(Figures.count(counts[.superseded])) had been written anew by the service meanwhile") }
    if counts[.deleted] > 0 { parts.append("\(Figures.count(counts[.deleted])) had been deleted by it") }
    if counts[.filtered] > 0 { parts.append("\(Figures.count(counts[.filtered])) are left out by the mapping on purpose") }
    guard !parts.isEmpty else { return [] }
    let text = parts.count == 1 ? parts[0] : parts.dropLast().joined(separator: ", ") + " and " + (parts.last ?? "")
    return ["Of the others, \(text). "]
  }

  private var verified: HTML? {
    guard let verify = report.verify else { return nil }
    guard let outcome = verify.outcome else { return "A verification is under way. " }
    switch outcome.result.verdict {
    case .clean: return "The verification compared both tables on \(Figures.moment(outcome.finished)) and found nothing missing. "
    case .undecided: return "The verification could not look at everything and has to be run again. "
    default: return "The verification has findings, which are to be looked at before the migration goes on. "
    }
  }

  private var rehearsed: HTML? {
    guard let rehearsal = report.rehearsal else { return nil }
    let what: HTML = "This was a rehearsal on one machine, beside \(Figures.count(rehearsal.clients, "client")) at work"
    return rehearsal.isClean
      ? "\(what): of their \(Figures.count(rehearsal.operations, "operation")) none was lost, undone or overwritten. " : "\(what). "
  }

  /// Where the migration stands, for who knows nothing of phases.
  private func meaning(of phase: MigrationPhase) -> HTML {
    let (old, new) = (code(report.old.name), code(report.new.name))
    return switch phase {
    case .old: "The service still works on \(old) alone. "
    case .dualRead: "The service reads both tables and writes \(old); going back is free. "
    case .dualTable: "The service writes \(new) and still looks into \(old), which is frozen. "
    case .newWithTombstones: "The service works on \(new) alone, and could still go back to looking into \(old). "
    case .new: "The service works on \(new) alone; \(old) may be dropped. "
    }
  }

  private var thenBack: HTML? {
    report.back.last.map { "From there the service went back, to \(code($0.new.name)): that is told below, after all of this. " }
  }

  private var tiles: HTML {
    var tiles: [(String, String)] = []
    if let run = report.backfill {
      let counts = run.status.totals
      let seconds = run.status.elapsed / .seconds(1)
      tiles = [
        ("items read", Figures.count(counts[.scanned])), ("copied", Figures.count(counts[.migrated] + counts[.alreadyThere])),
        ("left behind", Figures.count(leftBehind)), ("time worked", Figures.span(seconds)),
      ]
      if seconds > 0 { tiles.append(("items a second", Figures.amount(Double(counts[.scanned]) / seconds))) }
      tiles.append(("capacity, about", Figures.dollars(dollars(run))))
    }
    if let outcome = report.verify?.outcome { tiles.append(("ids missing", Figures.count(outcome.result.missing))) }
    if let control = report.migration?.control { tiles.append(("phase \(control.phase)", "\(control.phase.rawValue) of 5")) }
    guard !tiles.isEmpty else { return "" }
    let entries: [HTML] = tiles.map { "<li><b>\($0.1)</b><span>\($0.0)</span></li>" }
    return "<ul class=\"tiles\">\(entries)</ul>\n"
  }

  func code(_ text: String) -> HTML { "<code>\(text)</code>" }
}
