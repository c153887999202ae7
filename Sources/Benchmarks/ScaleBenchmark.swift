/// What must not depend on a table's size: the time an item takes, the blocks of memory that are asked for, the memory that is resident.
struct ScaleBenchmark {
  let isQuick: Bool

  func run() throws(Failure) -> [Figure] {
    let items = isQuick ? 40_000 : 240_000
    var time = Series()
    for _ in 0..<(isQuick ? 1 : 3) {
      // Before and after, so that a machine that slows down or wakes up in between doesn't count.
      let before = try backfill(items).seconds
      let large = try backfill(10 * items).seconds
      time.append(large / ((before + (try backfill(items).seconds)) / 2) / 10)
    }
    return [
      Figure(name: "scale.time.ratio", title: "time of 10 × the items / 10", unit: .ratio, series: time, goal: .atMost(1.03)),
      Figure(
        name: "scale.blocks.put", title: "heap blocks an item", unit: .blocks, series: try blocks(items, isBatch: false),
        goal: .atMost(0.05)),
      Figure(
        name: "scale.blocks.batch", title: "heap blocks an item, 25 a request", unit: .blocks, series: try blocks(items, isBatch: true),
        goal: .atMost(0.05)),
    ]
  }

  /// Blocks an item: what a run begins and ends with is in both runs and falls out of the difference.
  private func blocks(_ items: Int, isBatch: Bool) throws(Failure) -> Series {
    let few = try backfill(items, isBatch: isBatch, countsBlocks: true)
    let many = try backfill(3 * items, isBatch: isBatch, countsBlocks: true)
    return Series(values: [(many.blocks - few.blocks) / Double(2 * items)])
  }

  private func backfill(_ items: Int, isBatch: Bool = false, countsBlocks: Bool = false) throws(Failure) -> PutRun.Result {
    var job = PutJob(items: items, isBatch: isBatch)
    (job.threads, job.countsBlocks) = (2, countsBlocks)
    return try PutRun(putter: .backfill, job: job).perform()
  }
}
