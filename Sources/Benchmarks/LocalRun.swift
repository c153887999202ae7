internal import AWSAuth
internal import CurlTransport
internal import DynamoDBClient
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import HTTPTransport

/// Loads for engines on a port, each in a process of its own.
enum LocalRun {
  /// A put without a condition, as it goes over the wire.
  static let put = #"{"TableName":"\#(Workload.oldTable)","Item":\#(Workload.item)}"#

  private static func table(_ client: DynamoDBClient) async throws {
    _ = try await client.createTable(CreateTableInput(tableName: Workload.oldTable, keys: KeySchema(hash: .init("id", .string))))
    while try await client.describeTable(DescribeTableInput(tableName: Workload.oldTable)).table.tableStatus != .active {}
  }

  /// Creates the table.
  static func prepare(_ arguments: [String]) async throws {
    guard arguments.count == 1, let port = Int(arguments[0]) else { throw Failure("prepare takes: port") }
    let transport = CurlTransport(configuration: .init(loops: 1))
    try await table(Workload.client(port: port, over: transport))
    await transport.shutdown()
    Terminal.write("seconds=0\n")
  }

  /// Reads the whole table with four segments at once; reports what it found.
  static func scan(_ arguments: [String]) async throws {
    guard arguments.count == 1, let port = Int(arguments[0]) else { throw Failure("scan takes: port") }
    let transport = CurlTransport(configuration: .init(loops: 1))
    let client = try Workload.client(port: port, over: transport)
    let began = monotonicSeconds()
    let found = try await withThrowingTaskGroup(of: Int.self) { group in
      for segment in 0..<4 {
        group.addTask(executorPreference: transport.loops[0]) {
          var (count, start) = (0, [UInt8]?.none)
          repeat {
            let page = try await client.scanPage(
              ScanPageInput(table: Workload.oldTable, segment: segment, totalSegments: 4, exclusiveStartKey: start, consistent: false))
            var reader = try ScanPageReader(page.span)
            var tape = ItemTape()
            while try reader.next(&tape, page.span) { count += 1 }
            start = reader.lastEvaluatedKey.map { range in range.map { page.span[$0] } }
          } while start != nil
          return count
        }
      }
      return try await group.reduce(0, +)
    }
    let seconds = monotonicSeconds() - began
    await transport.shutdown()
    Terminal.write("seconds=\(seconds)\nitems=\(found)\n")
  }

  /// Puts so many items by batches of 25.
  static func fill(_ arguments: [String]) async throws {
    guard arguments.count == 2, let port = Int(arguments[0]), let items = Int(arguments[1]) else { throw Failure("fill takes: port items") }
    let transport = CurlTransport(configuration: .init(loops: 1))
    let client = try Workload.client(port: port, over: transport)
    let item = try Item(wire: Workload.item.utf8.span)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<8 {
        group.addTask(executorPreference: transport.loops[0]) {
          for batch in stride(from: worker * 25, to: items, by: 200) {
            var requests: [WriteRequest] = []
            for number in batch..<min(batch + 25, items) {
              var copy = item
              copy["id"] = .string("u-\(1_000_000_000_000 + number)")
              requests.append(.put(copy))
            }
            _ = try await client.batchWriteItem(BatchWriteItemInput(requestItems: [Workload.oldTable: requests]))
          }
        }
      }
      try await group.waitForAll()
    }
    await transport.shutdown()
    Terminal.write("seconds=0\n")
  }

  /// Puts ready-made signed requests into a simulator of this process.
  static func inProcess(_ arguments: [String]) async throws {
    guard arguments.count == 1, let items = Int(arguments[0]), let digits = Workload.digitsOffsets(in: put).first else {
      throw Failure("inprocess takes: items")
    }
    let simulator = DynamoDBSimulator()
    try await table(simulator.client())
    let origin = HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8_000)
    let credentials = try AWSCredentials(accessKeyID: Workload.accessKeyID, secretAccessKey: Workload.secretAccessKey)
    let source = ReadyPuts(
      body: put, digits: digits, numbers: 0..<items,
      signer: RequestSigner(credentials: credentials, region: Workload.region, origin: origin, target: "DynamoDB_20120810.PutItem"))
    let began = monotonicSeconds()
    await simulator.perform(source, at: origin, timeouts: HTTPTimeouts())
    let seconds = monotonicSeconds() - began
    try Workload.report(seconds: seconds, error: source.failures == 0 ? nil : "\(source.failures) puts failed")
  }
}
