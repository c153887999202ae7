/// Puts a second: the kit against the limit, taking turns.
struct PutBenchmark {
  let isQuick: Bool

  private struct Samples {
    var rate = Series()
    var work = Series()
  }

  func run() throws(Failure) -> [Figure] {
    let items = isQuick ? 80_000 : 240_000
    let putters: [Putter] = [.limit, .transport, .backfill]
    // What the backfill sends is what the limit is to send.
    let put = try PutRun(putter: .backfill, threads: 1, server: .init(items: 10_000)).perform().put
    var figures: [Figure] = []
    for threads in [2, 1] {
      var samples = putters.map { _ in Samples() }
      for _ in 0..<(isQuick ? 3 : 5) {
        for (index, putter) in putters.enumerated() {
          let result = try PutRun(putter: putter, threads: threads, server: .init(items: items)).perform(put: put)
          samples[index].rate.append(result.itemsPerSecond)
          samples[index].work.append(result.microsecondsPerItem)
        }
      }
      for (index, putter) in putters.enumerated() {
        figures += self.figures(putter, threads, samples[index], limit: samples[0])
      }
    }
    return figures
  }

  private func figures(_ putter: Putter, _ threads: Int, _ own: Samples, limit: Samples) -> [Figure] {
    let name = "put.\(putter.rawValue).threads\(threads)"
    let title = "\(putter.rawValue), \(threads) \(putter == .limit ? "thread" : "loop")\(threads == 1 ? "" : "s")"
    var figures = [
      Figure(name: "\(name).rate", title: title, unit: .itemsPerSecond, series: own.rate),
      Figure(name: "\(name).work", title: "  of a core, an item", unit: .microsecondsPerItem, series: own.work),
    ]
    if putter != .limit {
      figures.append(
        Figure(
          name: "\(name).rate.ratio", title: "  items / limit", unit: .ratio, series: own.rate / limit.rate,
          goal: putter == .backfill && threads == 2 ? .atLeast(0.6) : nil))
      figures.append(Figure(name: "\(name).work.ratio", title: "  work / limit", unit: .ratio, series: own.work / limit.work))
    }
    return figures
  }
}
