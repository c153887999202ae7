/// The most memory that a backfill has resident: it must not depend on the table.
struct MemoryBenchmark {
  let isQuick: Bool

  func run() throws(Failure) -> [Figure] {
    let sizes = isQuick ? [50_000, 200_000] : [200_000, 2_000_000]
    var figures: [Figure] = []
    for size in sizes {
      let result = try PutRun(putter: .backfill, threads: 2, server: .init(items: size)).perform()
      figures.append(
        Figure(
          name: "memory.items\(size)", title: "peak memory, \(size / 1_000) k items", unit: .megabytes,
          series: Series(values: [result.peakMegabytes]), goal: .atMost(64)))
    }
    return figures
  }
}
