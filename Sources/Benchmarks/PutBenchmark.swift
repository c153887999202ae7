/// Items a second into NEW: the kit against the limit under the same load, taking turns.
struct PutBenchmark {
  let isQuick: Bool
  let load: Load

  /// What a backfill may meet.
  enum Load: String, CaseIterable {
    /// A put an item, on two loops and on one.
    case put
    /// 25 puts a request.
    case batch
    /// A put an item over TLS.
    case tls
    /// Each answer takes 5 ms more, and there are 512 connections.
    case latency
    /// Every item is there already.
    case second
  }

  /// Someone who puts, and how.
  private struct Contender {
    var putter: Putter
    var isBatch = false
    var rate: Figure.Goal?
    var work: Figure.Goal?
    /// Whose work its own is compared with.
    var workAgainst = 0

    var name: String { putter == .backfill || !isBatch ? putter.rawValue : "\(putter.rawValue).batch" }

    func title(_ threads: Int) -> String {
      let counted =
        switch putter {
        case .multi: ", 1 thread"
        case .limit: threads == 1 ? ", 1 thread" : ", \(threads) threads"
        case .transport, .backfill: threads == 1 ? ", 1 loop" : ", \(threads) loops"
        }
      return (isBatch ? "\(putter.rawValue), 25 a request" : putter.rawValue) + counted
    }
  }

  private struct Samples {
    var rate = Series()
    var work = Series()
  }

  func run() throws(Failure) -> [Figure] {
    switch load {
    case .put:
      let two = try compare([.init(putter: .limit), .init(putter: .transport), backfill(0.9, work: 1.15)], threads: 2)
      let one = try compare([.init(putter: .limit), .init(putter: .multi), .init(putter: .transport), backfill(0.85)], threads: 1)
      return two.figures + one.figures + [growth(one.samples, two.samples)]
    case .batch:
      let contenders = [Contender(putter: .limit), Contender(putter: .limit, isBatch: true)]
      var own = backfill(4.5, work: 2)
      (own.isBatch, own.workAgainst) = (true, 1)
      return try compare(contenders + [own], threads: 2).figures + compare(contenders + [backfill(nil, isBatch: true)], threads: 1).figures
    case .tls: return try compare([.init(putter: .limit), .init(putter: .transport), backfill(0.9)], threads: 2).figures
    case .latency: return try compare([.init(putter: .limit), backfill(0.95)], threads: 2).figures
    case .second: return try compare([.init(putter: .limit), backfill(nil)], threads: 2).figures
    }
  }

  private func backfill(_ rate: Double?, work: Double? = nil, isBatch: Bool = false) -> Contender {
    Contender(
      putter: .backfill, isBatch: isBatch, rate: rate.map { .atLeast($0) }, work: work.map { .atMost($0) }, workAgainst: isBatch ? 1 : 0)
  }

  private func run(_ contender: Contender, threads: Int, items: Int, body: String = "") throws(Failure) -> PutRun.Result {
    var job = PutJob(items: items, isBatch: contender.isBatch)
    (job.threads, job.body) = (threads, body)
    if load == .latency { job.connections = 512 }
    return try PutRun(
      putter: contender.putter, job: job, isMigrated: load == .second, latency: load == .latency ? 5_000 : 0, isSecure: load == .tls
    ).perform()
  }

  /// Lets each contender put, in turns; the first one is what the others are compared with.
  private func compare(
    _ contenders: [Contender], threads: Int
  ) throws(Failure) -> (figures: [Figure], samples: [Samples]) {
    let items = isQuick ? 80_000 : 240_000
    // What the backfill sends is what the limit is to send.
    var bodies: [Bool: String] = [:]
    for isBatch in Set(contenders.map(\.isBatch)).sorted(by: { !$0 && $1 }) {
      bodies[isBatch] = try run(Contender(putter: .backfill, isBatch: isBatch), threads: 1, items: 10_000).body
    }
    var samples = contenders.map { _ in Samples() }
    for _ in 0..<(isQuick ? 3 : 5) {
      for (index, contender) in contenders.enumerated() {
        // 25 at a time each takes a sixth of the time; and whole batches only.
        let count = contender.isBatch ? 4 * items : items
        let result = try run(contender, threads: threads, items: count, body: bodies[contender.isBatch] ?? "")
        samples[index].rate.append(result.itemsPerSecond)
        samples[index].work.append(result.microsecondsPerItem)
      }
    }
    return (contenders.indices.flatMap { figures(contenders, $0, threads, samples) }, samples)
  }

  private func figures(_ contenders: [Contender], _ index: Int, _ threads: Int, _ samples: [Samples]) -> [Figure] {
    let (contender, own) = (contenders[index], samples[index])
    let name = "\(load.rawValue).\(contender.name).threads\(threads)"
    var figures = [
      Figure(name: "\(name).rate", title: contender.title(threads) + note, unit: .itemsPerSecond, series: own.rate),
      Figure(name: "\(name).work", title: "  of a core, an item", unit: .microsecondsPerItem, series: own.work),
    ]
    guard index > 0 else { return figures }
    let other = contenders[contender.workAgainst]
    figures.append(
      Figure(name: "\(name).rate.ratio", title: "  items / limit", unit: .ratio, series: own.rate / samples[0].rate, goal: contender.rate))
    figures.append(
      Figure(
        name: "\(name).work.ratio", title: other.isBatch ? "  work / limit, 25 a request" : "  work / limit", unit: .ratio,
        series: own.work / samples[contender.workAgainst].work, goal: contender.work))
    return figures
  }

  private var note: String {
    switch load {
    case .put, .batch: ""
    case .tls: ", TLS"
    case .latency: ", 5 ms latency"
    case .second: ", all there already"
    }
  }

  /// What the second loop adds to an item's price, against what the second thread adds to the limit's: no more than nothing is the goal.
  private func growth(_ one: [Samples], _ two: [Samples]) -> Figure {
    let limit = two[0].work / one[0].work
    let own = (two.last?.work ?? Series()) / (one.last?.work ?? Series())
    return Figure(
      name: "put.growth.ratio", title: "work an item, 2 loops / 1, against the limit's", unit: .ratio, series: own / limit, goal: .atMost(1)
    )
  }
}
