internal import CAllocations

/// Gets a second through the client, against the limit with the same request, taking turns; and the heap's part in a get.
struct GetBenchmark {
  let isQuick: Bool

  /// Gets at a time, each on a connection.
  private static let concurrent = 64
  /// Gets of each task before anything is counted: connections, buffers and pools are there by then.
  private static let warmUp = 50

  func run() throws(Failure) -> [Figure] {
    let items = isQuick ? 60_000 : 200_000
    var (limit, client, limitWork, clientWork) = (Series(), Series(), Series(), Series())
    for _ in 0..<(isQuick ? 3 : 5) {
      let ready = try perform(
        [Putter.limit.rawValue], ["GetItem", #"{"TableName":"\#(Workload.oldTable)","Key":{"id":{"S":"\#(Workload.id)"}}}"#], items)
      limit.append(Double(items) / ready.seconds)
      limitWork.append(ready.cpu / Double(items) * 1e6)
      let own = try perform([GetRun.subcommand], [GetRun.Table.full.rawValue, "\(Self.warmUp)"], items)
      client.append(Double(items - Self.concurrent * Self.warmUp) / own.seconds)
      clientWork.append(own.cpu / Double(items) * 1e6)
    }
    return [
      Figure(name: "get.limit.rate", title: "limit, 2 threads", unit: .itemsPerSecond, series: limit),
      Figure(name: "get.limit.work", title: "  of a core, a get", unit: .microsecondsPerItem, series: limitWork),
      Figure(name: "get.client.rate", title: "GetItem, \(Self.concurrent) at a time", unit: .itemsPerSecond, series: client),
      Figure(name: "get.client.work", title: "  of a core, a get", unit: .microsecondsPerItem, series: clientWork),
      Figure(name: "get.client.rate.ratio", title: "  gets / limit", unit: .ratio, series: client / limit, goal: .atLeast(0.6)),
    ] + (allocations_can_count() ? try blocks() : [])
  }

  private func blocks() throws(Failure) -> [Figure] {
    var figures: [Figure] = []
    for table in GetRun.Table.allCases {
      let items = 20_000
      let run = try perform([GetRun.subcommand], [table.rawValue, "\(Self.warmUp)"], items)
      let counted = Double(items - Self.concurrent * Self.warmUp)
      figures.append(
        Figure(
          name: "get.client.blocks.\(table.rawValue)",
          title: "  heap blocks a get, \(table == .full ? "item of \(Workload.itemBytes) bytes" : "no item there")", unit: .blocks,
          series: Series(values: [run.blocks / counted]), goal: .atMost(5)))
    }
    return figures
  }

  private func perform(
    _ before: [String], _ behind: [String], _ items: Int
  ) throws(Failure) -> (seconds: Double, cpu: Double, blocks: Double) {
    let server = try NullServer(.init(items: items))
    let arguments = before + ["\(server.port)", "2", "\(Self.concurrent)", "\(items)"] + behind
    let run = Fields(try ChildProcess(arguments).finish())
    let counts = try server.finish()
    if let error = run["error"] { throw Failure("\(before[0]): \(error)") }
    guard try counts.number("gets") == Double(items) else { throw Failure("\(before[0]) sent \(counts["gets"] ?? "?") of \(items) gets") }
    return (try run.number("seconds"), try run.number("cpu"), run["blocks"].flatMap(Double.init) ?? 0)
  }
}
