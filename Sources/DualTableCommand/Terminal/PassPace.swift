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
  var rates: ProgressReporter.Figures { rates(read: nil, write: nil) }

  /// The same with the limits on units a second that hold, as in `write 331/400`.
  func rates(read readLimit: Double?, write writeLimit: Double?) -> ProgressReporter.Figures {
    func units(_ name: String, _ limit: Double?) -> (name: String, text: String)? {
      guard let value = current.first(where: { $0.name == "\(name)UnitsPerSecond" })?.value else { return nil }
      let shown = Figures.count(Int(value.rounded()))
      return (name, "\(name) \(shown)/\(limit.map { Figures.count(Int($0.rounded())) } ?? "s")")
    }
    return [
      current.first.map { (name: "pace", text: "\(Figures.count(Int($0.value.rounded()))) items/s") },
      units("read", readLimit), units("write", writeLimit),
    ].compactMap { $0 }
  }

  /// What a second brings, by the names of JSON; nothing while nobody can tell.
  var current: [(name: String, value: Double)] {
    [
      items.itemsPerSecond.map { ("itemsPerSecond", $0) }, read.itemsPerSecond.map { ("readUnitsPerSecond", $0 / 1_000) },
      written.itemsPerSecond.map { ("writeUnitsPerSecond", $0 / 1_000) },
    ].compactMap { $0 }
  }

  /// Time until the pass is done, nil while nobody can tell.
  func remaining(_ status: PassCheckpoint.Status) -> Duration? {
    ProgressEstimate.expectedItems(status, described: nil).flatMap { items.remaining(total: $0) }
  }

  /// `eta 00:03:04`, nil while nobody can tell.
  func eta(_ status: PassCheckpoint.Status) -> (name: String, text: String)? {
    remaining(status).map { ("eta", "eta \(Figures.clock($0))") }
  }
}
