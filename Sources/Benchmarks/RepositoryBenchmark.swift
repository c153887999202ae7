/// What the repository costs a get that hits, against the client beneath it.
struct RepositoryBenchmark {
  let isQuick: Bool

  /// Gets at a time, each on a connection.
  private static let concurrent = 64

  func run() throws(Failure) -> [Figure] {
    let gets = isQuick ? 20_000 : 60_000
    let pairs = isQuick ? 6 : 20
    let server = try NullServer(.init(items: gets))
    let run = Fields(
      try ChildProcess([RepositoryRun.subcommand, "\(server.port)", "2", "\(Self.concurrent)", "\(gets)", "\(pairs)"]).finish())
    let counts = try server.finish()
    if let error = run["error"] { throw Failure("\(RepositoryRun.subcommand): \(error)") }
    // Every get of the repository is one request, those that warmed up too.
    guard try counts.number("gets") == Double(gets * (2 * pairs + 2)) else {
      throw Failure("\(RepositoryRun.subcommand) sent \(counts["gets"] ?? "?") of \(gets * (2 * pairs + 2)) gets")
    }
    func series(_ name: String) throws(Failure) -> Series {
      var series = Series()
      for pair in 0..<pairs { series.append(try run.number("\(name).\(pair)")) }
      return series
    }
    let (client, repository) = (try series("client.rate"), try series("repository.rate"))
    let (clientP99, repositoryP99) = (try series("client.p99"), try series("repository.p99"))
    let (clientWork, repositoryWork) = (try series("client.work"), try series("repository.work"))
    return [
      Figure(name: "repository.client.rate", title: "GetItem, \(Self.concurrent) at a time", unit: .itemsPerSecond, series: client),
      Figure(name: "repository.client.p99", title: "  p99", unit: .microsecondsPerItem, series: clientP99),
      Figure(name: "repository.get.rate", title: "the same through the repository, hits", unit: .itemsPerSecond, series: repository),
      Figure(name: "repository.get.p99", title: "  p99", unit: .microsecondsPerItem, series: repositoryP99),
      Figure(
        name: "repository.get.rate.ratio", title: "  rate, repository / client", unit: .ratio, series: repository / client,
        goal: .atLeast(0.95)),
      Figure(
        name: "repository.get.p99.ratio", title: "  p99, repository / client", unit: .ratio, series: repositoryP99 / clientP99,
        goal: .atMost(1.05)),
      Figure(name: "repository.client.work", title: "  of a core, a get, client", unit: .microsecondsPerItem, series: clientWork),
      Figure(
        name: "repository.get.work.ratio", title: "  of a core, repository / client", unit: .ratio, series: repositoryWork / clientWork),
    ]
  }
}
