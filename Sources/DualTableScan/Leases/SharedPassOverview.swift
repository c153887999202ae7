internal import DynamoDBModel
package import MigrationControl

/// Everything that the control table says of a pass: for whoever wants to know how the whole run stands.
package struct SharedPassOverview: Sendable {
  package let pass: SharedPass
  /// All segments that were begun, in their order; who holds one, or held it last, stands with it.
  package let segments: [SegmentLease]
  /// Workers that have an item, beating or not, in the order of their names.
  package let workers: [WorkerWatch.Beat]

  package init(pass: SharedPass, segments: [SegmentLease], workers: [WorkerWatch.Beat]) {
    self.pass = pass
    self.segments = segments
    self.workers = workers
  }

  /// Where the run stands.
  ///
  /// - Parameter now: milliseconds since 1970, for how long a run has been going on that isn't finished.
  package func status(at now: Int64) -> PassCheckpoint.Status {
    var board = LeaseBoard(plan: SegmentPlan(count: pass.manifest.segments[0], seed: 0), worker: "", seed: 0)
    for segment in segments { board.saw(segment) }
    return PassCheckpoint.Status(
      totals: board.totals, doneTotals: board.doneTotals, segments: board.plan.count, doneSegments: board.doneCount,
      heldSegments: segments.count { $0.owner != nil }, elapsed: .milliseconds(max(0, (pass.finished ?? now) - pass.started)),
      restarts: 0, reasons: board.reasons, largestOpen: segments.reduce(0) { $1.isDone ? $0 : max($0, $1.counts[.scanned]) })
  }

  /// What the segments that each worker held last came to, in the order of the workers' names.
  package var countsByWorker: [(worker: String, counts: PassCounts)] {
    var sums: [String: PassCounts] = [:]
    for segment in segments { if let worker = segment.worker { sums[worker, default: PassCounts()] += segment.counts } }
    return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension LeaseTable {
  /// Reads all of the pass; nil where there is none.
  package func overview() async throws(MigrationControlError) -> SharedPassOverview? {
    guard let pass = try await pass() else { return nil }
    return SharedPassOverview(pass: pass, segments: try await segments(of: pass), workers: try await workers(of: pass))
  }
}
