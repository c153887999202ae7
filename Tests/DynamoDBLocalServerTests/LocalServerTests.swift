import AWSAuth
import DynamoDBClient
import DynamoDBLocalServer
import DynamoDBModel
import DynamoDBSimulator
import Testing

@Suite("The local server")
struct LocalServerTests {
  /// Runs `body` with a client of a server.
  private static func serve(
    _ simulator: DynamoDBSimulator = DynamoDBSimulator(), retry: RetryPolicy = .requestPath,
    _ body: (DynamoDBClient, LocalServer) async throws -> Void
  ) async throws {
    let server = try LocalServer(simulator, port: 0)
    let client = DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: "http://127.0.0.1:\(server.port)"),
        credentials: StaticCredentialProvider(try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")), retry: retry))
    do {
      try await body(client, server)
    } catch {
      await client.shutdown()
      server.stop()
      throw error
    }
    await client.shutdown()
    server.stop()
  }

  private static let table = CreateTableInput(tableName: "users", keys: KeySchema(hash: .init("id", .string)))

  @Test("Carries out what comes, from many at once, small and large")
  func requests() async throws {
    let simulator = DynamoDBSimulator()
    try await Self.serve(simulator) { client, _ in
      _ = try await client.createTable(Self.table)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          let text = String(repeating: "x", count: number % 20 == 0 ? 390_000 : 100)
          group.addTask {
            _ = try await client.putItem(PutItemInput(tableName: "users", item: ["id": .string("\(number)"), "t": .string(text)]))
          }
        }
        try await group.waitForAll()
      }
      let found = try await client.getItem(GetItemInput(tableName: "users", key: ["id": "20"]))
      #expect(found.item?["t"] == .string(String(repeating: "x", count: 390_000)))
    }
    #expect(simulator.items(in: "users").count == 200)
  }

  @Test("Faults reach the connection, and the client gets through them")
  func faults() async throws {
    let plan = try FaultPlan(
      text: "lost-request=0.05,lost-answer=0.05,reset=0.05,truncated=0.05,corrupted=0.05,unavailable=0.05,delay=0ms..3ms", seed: 11)
    let simulator = DynamoDBSimulator(faults: plan)
    var patient = RetryPolicy.requestPath
    patient.maximumAttempts = 20
    patient.usesQuota = false
    try await Self.serve(simulator, retry: patient) { client, _ in
      // The answer may be lost of a creation that happened.
      do { _ = try await client.createTable(Self.table) } catch let error as DynamoDBError where error.code == .resourceInUse {}
      for number in 0..<150 { _ = try await client.putItem(PutItemInput(tableName: "users", item: ["id": .string("\(number)")])) }
    }
    simulator.setFaults(FaultPlan(seed: 0))
    #expect(simulator.items(in: "users").count == 150)
  }

  @Test("Stops while requests are on their way, and frees its port")
  func stop() async throws {
    let simulator = DynamoDBSimulator(faults: try FaultPlan(text: "delay=1h", seed: 1))
    let server = try LocalServer(simulator, port: 0)
    let port = server.port
    var once = RetryPolicy.requestPath
    once.maximumAttempts = 1
    let client = DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: "http://127.0.0.1:\(port)"),
        credentials: StaticCredentialProvider(try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")), retry: once))
    async let failed = (try? await client.describeTable(DescribeTableInput(tableName: "users"))) == nil
    // The request is there once it was drawn what becomes of it; a stop before that refuses the connection, which is as good.
    await Task.yield()
    server.stop()
    #expect(await failed)
    await client.shutdown()
    let next = try LocalServer(simulator, port: port)
    #expect(throws: LocalServerError.self) { try LocalServer(simulator, port: port) }
    next.stop()
  }
}
