internal import Glibc

/// The verification: what it does without a network against `sort` and `comm`, and with one against bare connections that pull the pages.
struct VerifyBenchmark {
  let isQuick: Bool

  func run() throws(Failure) -> [Figure] {
    var figures = try ids(isQuick ? 1_000_000 : 10_000_000, rounds: isQuick ? 3 : 3)
    if let count = getenv("DUALTABLE_BENCHMARK_IDS").flatMap({ Int(String(cString: $0)) }) {
      let large = try DiffResult(count, threads: 2)
      figures.append(
        Figure(
          name: "verify.ids.large.rate", title: "compare \(count / 1_000_000) M ids, 2 threads", unit: .itemsPerSecond,
          series: Series(values: [large.rate])))
      figures.append(
        Figure(
          name: "verify.ids.large.memory", title: "  peak memory", unit: .megabytes, series: Series(values: [large.peak]),
          goal: .atMost(100)))
    }
    return figures + (try PullBenchmark(isQuick: isQuick).run())
  }

  private func ids(_ count: Int, rounds: Int) throws(Failure) -> [Figure] {
    var (one, two, sort) = (Series(), Series(), Series())
    var (work, peak) = (Series(), Series())
    for _ in 0..<rounds {
      let both = try DiffResult(count, threads: 2)
      let single = try DiffResult(count, threads: 1)
      two.append(both.rate)
      one.append(single.rate)
      work.append(single.work)
      peak.append(max(both.peak, single.peak))
      sort.append(try SortRun(count).rate)
    }
    return [
      Figure(
        name: "verify.ids.threads1.rate", title: "compare \(count / 1_000_000) M ids, 1 thread", unit: .itemsPerSecond, series: one,
        goal: .atLeast(1_000_000)),
      Figure(name: "verify.ids.threads1.work", title: "  of a core, an id", unit: .microsecondsPerItem, series: work),
      Figure(name: "verify.ids.threads2.rate", title: "compare them, 2 threads", unit: .itemsPerSecond, series: two),
      Figure(name: "verify.ids.memory", title: "  peak memory", unit: .megabytes, series: peak, goal: .atMost(100)),
      Figure(name: "verify.sort.rate", title: "sort --parallel=2 and comm", unit: .itemsPerSecond, series: sort),
      Figure(name: "verify.ids.ratio", title: "  ids / sort", unit: .ratio, series: two / sort, goal: .atLeast(3)),
    ]
  }
}

/// One comparison in a process of its own.
struct DiffResult {
  /// Ids of the old table compared a second.
  let rate: Double
  /// Microseconds of a core an id.
  let work: Double
  /// Megabytes.
  let peak: Double

  init(_ count: Int, threads: Int) throws(Failure) {
    let folder = try TemporaryDirectory()
    let run = Fields(try ChildProcess([DiffRun.subcommand, "\(count)", "\(threads)", folder.path]).finish())
    if let error = run["error"] { throw Failure("the comparison: \(error)") }
    rate = try Double(count) / run.number("seconds")
    work = try run.number("cpu") / Double(count) * 1e6
    peak = try run.number("peak") / 1e6
    Terminal.note("\(count) ids, \(threads) threads: spill \(run["spill"] ?? "") s, compare \(run["diff"] ?? "") s")
  }
}

/// What the shell has for it: two files of ids sorted, and what only the first has.
private struct SortRun {
  let rate: Double

  init(_ count: Int) throws(Failure) {
    let folder = try TemporaryDirectory()
    do {
      try DiffRun.writeLines(count, directory: folder.path)
    } catch {
      throw Failure("\(error)")
    }
    let script = """
      set -e; export LC_ALL=C; cd '\(folder.path)'
      sort --parallel=2 -T . old.txt -o old.sorted; sort --parallel=2 -T . new.txt -o new.sorted
      test "$(comm -23 old.sorted new.sorted | wc -l)" -eq \((count + DiffRun.lossEvery - 1) / DiffRun.lossEvery)
      """
    let began = monotonicSeconds()
    guard system(script) == 0 else { throw Failure("sort or comm failed") }
    rate = Double(count) / (monotonicSeconds() - began)
  }
}
