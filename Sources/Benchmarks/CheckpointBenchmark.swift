internal import DualTableScan
internal import Synchronization

/// What checkpoints cost a backfill: the same run with and without them, in pairs.
struct CheckpointBenchmark {
  let isQuick: Bool

  func run() throws(Failure) -> [Figure] { try compare(isBatch: false) + compare(isBatch: true) }

  private func compare(isBatch: Bool) throws(Failure) -> [Figure] {
    let name = isBatch ? "checkpoints.batch" : "checkpoints"
    let title = isBatch ? ", 25 a request" : ""
    var (work, rate) = (Series(), Series())
    for pair in 0..<(isQuick ? 3 : 6) {
      // Each is the first one as often, so that a machine that slows down favors neither.
      let isFirst = pair % 2 == 0
      let one = try backfill(isBatch, isForgetful: !isFirst)
      let other = try backfill(isBatch, isForgetful: isFirst)
      let (kept, none) = isFirst ? (one, other) : (other, one)
      work.append(kept.microsecondsPerItem / none.microsecondsPerItem)
      rate.append(kept.itemsPerSecond / none.itemsPerSecond)
    }
    return [
      Figure(
        name: "\(name).work.ratio", title: "work with checkpoints / without\(title)", unit: .ratio, series: work,
        goal: isBatch ? nil : .atMost(1.01)),
      Figure(
        name: "\(name).rate.ratio", title: "items with checkpoints / without\(title)", unit: .ratio, series: rate,
        goal: isBatch ? nil : .atLeast(0.99)),
    ]
  }

  private func backfill(_ isBatch: Bool, isForgetful: Bool) throws(Failure) -> PutRun.Result {
    // Ten seconds of it: making the state directory and ending the run take a few hundredths of one, however long it is.
    var job = PutJob(items: (isQuick ? 80_000 : 900_000) * (isBatch ? 4 : 1), isBatch: isBatch)
    (job.threads, job.isForgetful) = (2, isForgetful)
    return try PutRun(putter: .backfill, job: job).perform()
  }
}

/// Hands out segments and pages as a checkpoint does, and keeps nothing of them beyond its process.
final class ForgetfulCheckpoint: CheckpointStore {
  private let progress: Mutex<PassProgress>

  init(segments: Int) { progress = Mutex(PassProgress(plan: SegmentPlan(count: segments, seed: 1))) }

  func next() async -> SegmentPage? { progress.withLock { $0.next() } }

  func completed(_ page: SegmentPage, _ outcome: consuming PassCheckpoint.Outcome) async -> SegmentPage? {
    let (key, counts) = (outcome.lastEvaluatedKey, outcome.counts)
    return progress.withLock { $0.completed(page.segment, lastEvaluatedKey: key, counts: counts) ?? $0.next() }
  }

  func release(_ page: SegmentPage) async {}
  func changed(_ change: PassChange) async {}
  func finish() async {}

  var isComplete: Bool { get async { progress.withLock(\.isComplete) } }

  var status: PassCheckpoint.Status {
    get async {
      progress.withLock { progress in
        PassCheckpoint.Status(
          totals: progress.totals, doneTotals: progress.doneTotals, segments: progress.plan.count, doneSegments: progress.doneCount,
          heldSegments: progress.heldCount, elapsed: .zero, restarts: 0)
      }
    }
  }
}
