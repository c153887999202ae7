internal import CAllocations

/// Gets a second through the client, against the limit with the same request, taking turns; and the heap's part in a get.
struct GetBenchmark {
  let isQuick: Bool

  /// Gets at a time, each on a connection.
  private static let concurrent = 64
  /// Gets of each task before anything is counted: connections, buffers and pools are there by then.
  private static let warmUp = 50

  /// What a run came to.
  private struct Run {
    let rate: Double
    let work: Double
    let blocks: Double
  }

  func run() throws(Failure) -> [Figure] {
    let items = isQuick ? 60_000 : 200_000
    var (limit, limitWork) = (Series(), Series())
    var (client, clientWork, listenedWork) = (Series(), Series(), Series())
    for _ in 0..<(isQuick ? 3 : 5) {
      let ready = try self.limit(items)
      limit.append(ready.rate)
      limitWork.append(ready.work)
      let own = try self.client(.full, items)
      client.append(own.rate)
      clientWork.append(own.work)
      listenedWork.append(try self.client(.full, items, listens: true).work)
    }
    return [
      Figure(name: "get.limit.rate", title: "limit, 2 threads", unit: .itemsPerSecond, series: limit),
      Figure(name: "get.limit.work", title: "  of a core, a get", unit: .microsecondsPerItem, series: limitWork),
      Figure(name: "get.client.rate", title: "GetItem, \(Self.concurrent) at a time", unit: .itemsPerSecond, series: client),
      Figure(name: "get.client.work", title: "  of a core, a get", unit: .microsecondsPerItem, series: clientWork),
      Figure(name: "get.client.rate.ratio", title: "  gets / limit", unit: .ratio, series: client / limit, goal: .atLeast(0.6)),
      Figure(name: "get.listened.work.ratio", title: "  work listened to / not", unit: .ratio, series: listenedWork / clientWork),
    ] + (allocations_can_count() ? try blocks() : [])
  }

  /// What the goal is about is the client; an item's values, and the request's key, which is made for each get, are the caller's own.
  private func blocks() throws(Failure) -> [Figure] {
    var figures: [Figure] = []
    for table in GetRun.Table.allCases {
      figures.append(
        Figure(
          name: "get.client.blocks.\(table.rawValue)",
          title: "  heap blocks a get, \(table == .full ? "item of \(Workload.itemBytes) bytes" : "no item there")", unit: .blocks,
          series: Series(values: [try client(table, 20_000).blocks]), goal: .atMost(5)))
    }
    return figures
  }

  private func limit(_ items: Int) throws(Failure) -> Run {
    let body = #"{"TableName":"\#(Workload.oldTable)","Key":{"id":{"S":"\#(Workload.id)"}}}"#
    return try perform(items, measured: items) { port in
      var job = PutJob(items: items, operation: "GetItem")
      (job.port, job.threads, job.connections, job.body) = (port, 2, Self.concurrent, body)
      return [Putter.limit.rawValue] + job.arguments
    }
  }

  private func client(_ table: GetRun.Table, _ items: Int, listens: Bool = false) throws(Failure) -> Run {
    try perform(items, measured: items - Self.concurrent * Self.warmUp) { port in
      [
        GetRun.subcommand, "\(port)", "2", "\(Self.concurrent)", "\(items)", table.rawValue, "\(Self.warmUp)", "\(listens)",
      ]
    }
  }

  private func perform(_ items: Int, measured: Int, _ arguments: (Int) -> [String]) throws(Failure) -> Run {
    let server = try NullServer(.init(items: items))
    let arguments = arguments(server.port)
    let run = Fields(try ChildProcess(arguments).finish())
    let counts = try server.finish()
    if let error = run["error"] { throw Failure("\(arguments[0]): \(error)") }
    guard try counts.number("gets") == Double(items) else {
      throw Failure("\(arguments[0]) sent \(counts["gets"] ?? "?") of \(items) gets")
    }
    return Run(
      rate: try Double(measured) / run.number("seconds"), work: try run.number("cpu") / Double(items) * 1e6,
      blocks: (run["blocks"].flatMap(Double.init) ?? 0) / Double(measured))
  }
}
