internal import AWSAuth
internal import CurlTransport
internal import DualTable
internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport
internal import MigrationControl

/// What the repository adds to a page of a query whose items are all in the new table, against the client's own time for both requests.
enum PageRun {
  static let subcommand = "pages"
  private static let itemsInPage = 100

  private static let mapping = """
    version: 1
    old: {hash: {h: S}, range: {r: S}}
    new: {hash: {pk: S}, range: {sk: S}}
    key: {pk: {template: "P#{h}"}, sk: {template: "S#{r}"}}
    attributes: {email: profile.email}
    rest: keep
    """

  /// The child's side.
  static func main(_ arguments: [String]) async throws {
    guard arguments.count == 2, let pages = Int(arguments[0]), let pairs = Int(arguments[1]) else {
      throw Failure("pages takes: pages pairs")
    }
    let mapping = try CompiledMapping(yaml: Array(mapping.utf8), file: "pages.yaml")
    var (old, new): ([Item], [Item]) = ([], [])
    for number in 0..<itemsInPage {
      var item = try Item(wire: Workload.item.utf8.span)
      item["h"] = "x"
      item["r"] = .string("\(10_000 + number)")
      old.append(item)
      new += try mapping.convert(item)
    }
    func answer(_ items: [Item]) -> String {
      "{\"Items\":[\(items.map(\.description).joined(separator: ","))],\"Count\":\(items.count),\"ScannedCount\":\(items.count)}"
    }
    let transport = CannedTransport([("\"TableName\":\"old\"", answer(old)), ("\"TableName\":\"new\"", answer(new))])
    let client = DynamoDBClient(
      configuration: .init(
        endpoint: DynamoDBEndpoint(region: Workload.region, origin: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 1)),
        credentials: StaticCredentialProvider(
          try AWSCredentials(accessKeyID: Workload.accessKeyID, secretAccessKey: Workload.secretAccessKey))), transport: transport,
      wallClock: .system, clock: ContinuousClock(), seed: 1)
    let repository = DualTableRepository(
      old: client, oldTable: "old", new: client, newTable: "new", mapping: mapping, phase: .fixed(.dualTable))
    let query = QueryInput(tableName: "new", keyConditionExpression: "pk = :p", expressionAttributeValues: [":p": "P#x"])
    let oldQuery = QueryInput(tableName: "old", keyConditionExpression: "h = :p", expressionAttributeValues: [":p": "x"])
    // On one of a transport's loops, as the requests of a service on one run: what two threads cost each other is no work of either's.
    let curl = CurlTransport(configuration: .init(loops: 1))
    var fields = try await withTaskExecutorPreference(curl.loops[0]) {
      try await measure(pages, pairs) {
        try await client.query(query).items.count + client.query(oldQuery).items.count
      } merged: {
        try await repository.query(query).items.count
      }
    }
    await curl.shutdown()
    fields.set("peak", try Usage.current().peakBytes)
    Terminal.write(fields.text)
  }

  /// Microseconds of the processor's an item of NEW's, alternating.
  private static func measure(
    _ pages: Int, _ pairs: Int, both: () async throws -> Int, merged: () async throws -> Int
  ) async throws -> Fields {
    var fields = Fields()
    for pair in -1..<pairs {
      for name in pair % 2 == 0 ? ["both", "merged"] : ["merged", "both"] {
        // The processor's time, not the clock's: the repository's two requests are under way together.
        let began = try Usage.current().seconds
        for _ in 0..<pages {
          let count = name == "both" ? try await both() / 2 : try await merged()
          guard count == itemsInPage else { throw Failure("a page of \(count) items") }
        }
        let time = (try Usage.current().seconds - began) / Double(pages * itemsInPage) * 1e6
        if pair >= 0 { fields.set("\(name).\(pair)", time) }
      }
    }
    return fields
  }
}

struct PageBenchmark {
  let isQuick: Bool

  func run() throws(Failure) -> [Figure] {
    let (pages, pairs) = isQuick ? (200, 5) : (1_000, 11)
    let run = Fields(try ChildProcess([PageRun.subcommand, "\(pages)", "\(pairs)"]).finish())
    var (both, merged) = (Series(), Series())
    for pair in 0..<pairs {
      both.append(try run.number("both.\(pair)"))
      merged.append(try run.number("merged.\(pair)"))
    }
    return [
      Figure(name: "pages.client.work", title: "a query page of both tables, the client alone", unit: .microsecondsPerItem, series: both),
      Figure(name: "pages.merged.work", title: "the same merged by the repository, all in NEW", unit: .microsecondsPerItem, series: merged),
      Figure(
        name: "pages.merged.ratio", title: "  merged / client", unit: .ratio, series: merged / both, goal: .atMost(1.2)),
    ]
  }
}
