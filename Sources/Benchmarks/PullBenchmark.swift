internal import CLimit
internal import CurlTransport
internal import DualTableScan
internal import DualTableVerify
internal import DynamoDBClient
internal import HTTPTransport

/// Pages a second: the verification against bare connections that pull the same pages of both tables, taking turns.
struct PullBenchmark {
  let isQuick: Bool

  func run() throws(Failure) -> [Figure] {
    let items = isQuick ? 400_000 : 2_000_000
    var (limit, verify, work, peak) = (Series(), Series(), Series(), Series())
    for _ in 0..<(isQuick ? 3 : 5) {
      limit.append(try pull(PullLimit.subcommand, items).rate)
      let own = try pull(VerifyRun.subcommand, items)
      verify.append(own.rate)
      work.append(own.work)
      peak.append(own.peak)
    }
    return [
      Figure(name: "verify.pull.limit.rate", title: "pull both tables, 2 threads, items of each", unit: .itemsPerSecond, series: limit),
      Figure(name: "verify.pull.rate", title: "verify, 2 loops", unit: .itemsPerSecond, series: verify),
      Figure(name: "verify.pull.work", title: "  of a core, an item of either", unit: .microsecondsPerItem, series: work),
      Figure(name: "verify.pull.memory", title: "  peak memory", unit: .megabytes, series: peak, goal: .atMost(100)),
      Figure(name: "verify.pull.ratio", title: "  verify / limit", unit: .ratio, series: verify / limit, goal: .atLeast(0.7)),
    ]
  }

  private func pull(_ puller: String, _ items: Int) throws(Failure) -> (rate: Double, work: Double, peak: Double) {
    var options = NullServer.Options(items: items)
    options.migrated = true
    let server = try NullServer(options)
    let run = Fields(try ChildProcess([puller, "\(server.port)", "\(items)"]).finish())
    let counts = try server.finish()
    if let error = run["error"] { throw Failure("\(puller): \(error)") }
    Terminal.note(
      "\(puller): \(counts["scans"] ?? "?") pages in \(run["seconds"] ?? "?") s; cores: own \(run["cpu"] ?? "?") s, server \(counts["cpu"] ?? "?") s"
    )
    return (
      try Double(items) / run.number("seconds"), try run.number("cpu") / Double(2 * items) * 1e6, try run.number("peak") / 1e6
    )
  }
}

/// Both tables pulled over bare connections on two threads, in a process of its own.
enum PullLimit {
  static let subcommand = "pull"
  /// Segments of each table that are pulled at once, as the verification does.
  static let connections = 8
  static let segments = 32

  static func main(_ arguments: [String]) throws(Failure) {
    guard arguments.count == 2, let port = UInt16(arguments[0]), let items = UInt64(arguments[1]) else {
      throw Failure("pull takes: port items")
    }
    let began = monotonicSeconds()
    let result = Workload.oldTable.withCString { old in
      Workload.newTable.withCString { new in
        Workload.region.withCString { region in
          Workload.accessKeyID.withCString { accessKey in
            Workload.secretAccessKey.withCString { secretKey in
              var config = limit_pull_config(
                port: port, threads: 2, connections: UInt32(2 * connections), segments: UInt32(segments), tables: (old, new),
                region: region, access_key: accessKey, secret_key: secretKey)
              return limit_pull(&config)
            }
          }
        }
      }
    }
    let seconds = monotonicSeconds() - began
    let error = withUnsafeBytes(of: result.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let isWhole = result.items == 2 * items
    try Workload.report(seconds: seconds, error: !error.isEmpty ? error : isWhole ? nil : "\(result.items) items came")
  }
}

/// The kit's verification, whole, in a process of its own.
enum VerifyRun {
  static let subcommand = "verify"

  static func main(_ arguments: [String]) async throws {
    guard arguments.count == 2, let port = Int(arguments[0]), let items = Int(arguments[1]) else {
      throw Failure("verify takes: port items")
    }
    let transport = CurlTransport(configuration: CurlTransport.Configuration(loops: 2))
    let client = try Workload.client(port: port, over: transport)
    let state = try TemporaryDirectory()
    var configuration = Verification.Configuration(
      old: .init(client: client, table: Workload.oldTable), new: .init(client: client, table: Workload.newTable),
      mapping: try Workload.compiledMapping(), stateDirectory: StatePath("\(state.path)/verify"), seed: 1)
    configuration.segments = PullLimit.segments
    configuration.openSegments = PullLimit.connections
    let began = monotonicSeconds()
    let result = try await Verification(configuration).run(stop: StopSignal()) { _ in }
    let seconds = monotonicSeconds() - began
    await transport.shutdown()
    let isRight = result.verdict == .clean && result.oldIDs == items && result.newIDs == items
    try Workload.report(seconds: seconds, error: isRight ? nil : "\(result.oldIDs) and \(result.newIDs) ids, \(result.missing) missing")
  }
}
