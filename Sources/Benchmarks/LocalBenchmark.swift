/// The embedded DynamoDB on a port, beside dynoxide in memory, each on one core, and in process.
struct LocalBenchmark {
  let isQuick: Bool

  private var items: Int { isQuick ? 20_000 : 60_000 }

  func run() throws(Failure) -> [Figure] {
    // `swift run` builds this program alone: for want of the other one the rest of the table must not be lost.
    guard ServedEngine.program(of: .local) != nil else {
      Terminal.note("group local is left out: build the tool first, swift build -c release --product dualtable")
      return []
    }
    var (puts, scans) = (
      [ServedEngine.Kind.local: Series(), .dynoxide: Series()], [ServedEngine.Kind.local: Series(), .dynoxide: Series()]
    )
    var (inProcess, starts) = (Series(), Series())
    let kinds = [ServedEngine.Kind.local, .dynoxide].filter { ServedEngine.program(of: $0) != nil }
    for _ in 0..<(isQuick ? 3 : 5) {
      for kind in kinds {
        let engine = try ServedEngine(kind)
        if kind == .local { starts.append(engine.startMilliseconds) }
        let (put, scan) = try load(engine)
        puts[kind]?.append(put)
        scans[kind]?.append(scan)
      }
      let run = Fields(try ChildProcess(["inprocess", "\(items * 5)"]).finish())
      inProcess.append(try Double(items * 5) / run.number("seconds"))
    }
    guard let ownPuts = puts[.local], let ownScans = scans[.local] else { return [] }
    var figures = [
      Figure(name: "local.start", title: "local, from start to listening (ms)", unit: .blocks, series: starts, goal: .atMost(100)),
      Figure(name: "local.put.rate", title: "local, PutItem on one core", unit: .itemsPerSecond, series: ownPuts),
      Figure(name: "local.scan.rate", title: "local, Scan on one core", unit: .itemsPerSecond, series: ownScans),
    ]
    if kinds.count == 2, let otherPuts = puts[.dynoxide], let otherScans = scans[.dynoxide] {
      figures += [
        Figure(name: "dynoxide.put.rate", title: "dynoxide, PutItem on one core", unit: .itemsPerSecond, series: otherPuts),
        Figure(name: "dynoxide.scan.rate", title: "dynoxide, Scan on one core", unit: .itemsPerSecond, series: otherScans),
        Figure(name: "local.put.ratio", title: "  puts, local / dynoxide", unit: .ratio, series: ownPuts / otherPuts, goal: .atLeast(1)),
        Figure(
          name: "local.scan.ratio", title: "  scans, local / dynoxide", unit: .ratio, series: ownScans / otherScans, goal: .atLeast(2)),
      ]
    }
    return figures + [
      Figure(name: "inprocess.put.rate", title: "in process, PutItem", unit: .itemsPerSecond, series: inProcess),
      Figure(
        name: "inprocess.put.ratio", title: "  puts, in process / local", unit: .ratio, series: inProcess / ownPuts, goal: .atLeast(5)),
      try memory(),
    ]
  }

  /// Items put and items scanned a second.
  private func load(_ engine: borrowing ServedEngine) throws(Failure) -> (put: Double, scan: Double) {
    _ = try ChildProcess(["prepare", "\(engine.port)"]).finish()
    var job = PutJob(items: items)
    (job.port, job.connections, job.body) = (engine.port, 16, LocalRun.put)
    let put = Fields(try ChildProcess([Putter.limit.rawValue] + job.arguments).finish())
    if let error = put["error"] { throw Failure("puts: \(error)") }
    let scan = Fields(try ChildProcess(["scan", "\(engine.port)"]).finish())
    guard try scan.number("items") == Double(items) else { throw Failure("the scan found \(scan["items"] ?? "?") of \(items) items") }
    return (try Double(items) / put.number("seconds"), try Double(items) / scan.number("seconds"))
  }

  /// What a table of many items takes.
  private func memory() throws(Failure) -> Figure {
    let count = isQuick ? 200_000 : 1_000_000
    let engine = try ServedEngine(.local)
    _ = try ChildProcess(["prepare", "\(engine.port)"]).finish()
    _ = try ChildProcess(["fill", "\(engine.port)", "\(count)"]).finish()
    let megabytes = try engine.megabytes() * 1_000_000 / Double(count)
    return Figure(
      name: "local.memory", title: "local, resident a million items of 700 bytes", unit: .megabytes, series: Series(values: [megabytes]),
      goal: .atMost(1_500))
  }
}
