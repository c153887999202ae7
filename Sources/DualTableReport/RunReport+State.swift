internal import DualTableBackfill
package import DualTableScan
internal import DualTableVerify

extension RunReport {
  /// Everything that a state directory tells: of its backfill, its redrives and its verification; nil where no run has begun in it.
  ///
  /// Any of them may be under way.
  package init?(stateDirectory directory: String, made: Int64) throws(StateError) {
    guard let manifest = try StateDirectory.manifest(at: directory) else {
      // A verification alone leaves no manifest once it is done.
      return nil
    }
    self.init(old: manifest.old, new: manifest.new, made: made)
    backfill = try Run(stateDirectory: directory)
    redrives = try Self.redrives(in: directory)
    verify = try Verify(stateDirectory: "\(directory)/verify")
  }

  /// The redrives in a state directory, if there is one.
  package static func redrives(in directory: String) throws(StateError) -> [Run] {
    guard File.exists(directory) else { return [] }
    var redrives: [Run] = []
    for name in try File.directories(in: directory) where name.hasPrefix("redrive-") {
      if let run = try Run(stateDirectory: "\(directory)/\(name)") { redrives.append(run) }
    }
    return redrives
  }
}

extension RunReport.Run {
  /// The backfill or redrive in a state directory, which may be in use; nil where none has begun.
  package init?(stateDirectory directory: String) throws(StateError) {
    guard let found = try Backfill.look(at: directory) else { return nil }
    self.init(
      command: found.manifest.command, mapping: found.manifest.mapping, status: found.status,
      series: try RunSeries.look(at: directory) ?? RunSeries(), changes: found.changes)
  }
}

extension RunReport.Verify {
  /// The verification in a control table.
  package init(_ overview: SharedPassOverview, _ series: RunSeries, at now: Int64) {
    let manifest = overview.pass.manifest
    self.init(
      outcome: overview.pass.finished.map { finished in
        VerifyOutcome(
          result: SharedVerification.result(overview, at: now), mapping: manifest.mapping,
          comparedContent: manifest.mode.hasPrefix("content"), finished: finished)
      }, series: series)
  }

  /// The verification in a state directory; nil where none has begun.
  package init?(stateDirectory directory: String) throws(StateError) {
    let outcome = try VerifyOutcome.look(at: directory)
    let series = try RunSeries.look(at: directory)
    guard outcome != nil || series != nil else { return nil }
    self.init(outcome: outcome, series: series ?? RunSeries())
  }
}
