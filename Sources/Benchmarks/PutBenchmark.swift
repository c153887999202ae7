/// Puts a second: the backfill against the limit, taking turns.
struct PutBenchmark {
  let isQuick: Bool

  func run() throws(Failure) -> [Figure] {
    let items = isQuick ? 100_000 : 300_000
    let rounds = isQuick ? 3 : 5
    var rates: [String: Series] = [:]
    for _ in 0..<rounds {
      for threads in [2, 1] {
        let run = PutRun(putter: .limit, threads: threads, server: .init(items: items))
        let result = try run.perform(put: Workload.put)
        rates["\(threads)", default: Series()].append(result.itemsPerSecond)
      }
    }
    return [
      Figure(name: "limit.threads2", title: "limit, 2 threads", unit: .itemsPerSecond, series: rates["2"]!),
      Figure(name: "limit.threads1", title: "limit, 1 thread", unit: .itemsPerSecond, series: rates["1"]!),
    ]
  }
}
