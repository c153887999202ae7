/// The most memory that a backfill has resident: it must not depend on the table.
struct MemoryBenchmark {
  let isQuick: Bool

  func run() throws(Failure) -> [Figure] {
    let sizes = isQuick ? [50_000, 200_000] : [200_000, 2_000_000]
    var figures: [Figure] = []
    for size in sizes {
      var job = PutJob(items: size)
      job.threads = 2
      let result = try PutRun(putter: .backfill, job: job).perform()
      figures.append(
        Figure(
          name: "memory.items\(size)", title: "peak memory, \(size / 1_000) k items", unit: .megabytes,
          series: Series(values: [result.peakMegabytes]), goal: .atMost(40)))
    }
    return figures
  }
}
