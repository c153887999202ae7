internal import DualTableScan

/// How fast a pass goes, from where it stood at several moments.
struct PassPace: Sendable {
  private var items = ProgressEstimate()
  private var read = ProgressEstimate()
  private var written = ProgressEstimate()

  /// Takes note of where the pass stands.
  mutating func sample(_ status: PassCheckpoint.Status) {
    items.sample(at: status.elapsed, items: status.totals[.scanned])
    read.sample(at: status.elapsed, items: status.totals[.readMilliunits])
    written.sample(at: status.elapsed, items: status.totals[.writeMilliunits])
  }

  /// `1,204,331 / ~1,500,000 (80 %)`; without what lies behind the slash while nobody can tell.
  static func progress(_ status: PassCheckpoint.Status) -> String {
    let done = status.totals[.scanned]
    guard let expected = ProgressEstimate.expectedItems(status, described: nil), expected > 0 else { return Figures.count(done) }
    return "\(Figures.count(done)) / ~\(Figures.count(expected)) (\(min(100, done * 100 / expected)) %)"
  }

  /// Items, and units of capacity where any are used, a second.
  var rates: ProgressReporter.Figures {
    func rate(_ estimate: ProgressEstimate, per scale: Double) -> String? {
      estimate.itemsPerSecond.map { Figures.count(Int(($0 / scale).rounded())) }
    }
    return [
      rate(items, per: 1).map { (name: "pace", text: "\($0) items/s") },
      rate(read, per: 1_000).map { (name: "read", text: "read \($0)/s") },
      rate(written, per: 1_000).map { (name: "write", text: "write \($0)/s") },
    ].compactMap { $0 }
  }

  /// `eta 00:03:04`, nil while nobody can tell.
  func eta(_ status: PassCheckpoint.Status) -> (name: String, text: String)? {
    guard let expected = ProgressEstimate.expectedItems(status, described: nil), let rest = items.remaining(total: expected) else {
      return nil
    }
    return ("eta", "eta \(Figures.clock(rest))")
  }
}
