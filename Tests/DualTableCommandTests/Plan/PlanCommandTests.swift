import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import TestSupport
import Testing

@testable import DualTableCommand

@Suite struct PlanCommandTests {
  private static let users = KeySchema(hash: .init("id", .string))

  private func json(_ run: ToolRun) throws -> JSONValue { try JSONValue(parsing: Array(run.output.utf8).span) }

  /// The findings as `subject level`, of those that aren't ok.
  private func findings(_ run: ToolRun) throws -> [String] {
    try json(run)["findings"]?.array?.compactMap { finding in
      guard let subject = finding["subject"]?.string, let level = finding["level"]?.string, level != "ok" else { return nil }
      return "\(subject) \(level)"
    } ?? []
  }

  @Test func `a table that is fit has no blocker, and the estimate is there in both forms`() async throws {
    let place = CommandPlace()
    _ = await place.run("seed --items 300")
    let run = await place.run("plan --mapping users.yaml --json")
    #expect(run.status == .done, "\(run.error) \(run.output)")
    #expect(try findings(run) == ["oldRecovery warning", "newRecovery warning"])
    let plan = try json(run)
    #expect(plan["sample"]?["items"]?.integer == 300 && plan["items"]?.integer == 300 && plan["sample"]?["failed"]?.integer == 0)
    #expect(plan["segments"]?.integer == 64 && plan["prices"]?["date"]?.string == "2024-11")
    #expect(plan["rates"]?.array?.count == 6 && (plan["writeUnits"]?.integer ?? 0) >= 300)
    let text = await place.run("plan --mapping users.yaml --price-write 1 --price-read 0.25")
    #expect(text.status == .done)
    #expect(text.output.contains("$1.000 a million write units and $0.250 a million read units (given): an estimate"), "\(text.output)")
    #expect(text.output.contains("WRITE UNITS/S  READ UNITS/S  ITEMS/S  TIME"))
  }

  @Test func `it writes nothing`() async throws {
    let place = CommandPlace()
    _ = await place.run("seed --items 50")
    let before = (place.engine.items(in: "users"), place.engine.writeCount)
    _ = await place.run("plan --mapping users.yaml")
    #expect(place.engine.items(in: "users") == before.0 && place.engine.items(in: "users-v2").isEmpty)
    #expect(place.engine.writeCount == before.1)
    for operation in ["CreateTable", "PutResourcePolicy", "DeleteResourcePolicy", "UpdateTable", "UpdateTimeToLive"] {
      #expect(place.engine.requestCount(operation) == (operation == "CreateTable" ? 2 : 0))
    }
  }

  @Test(arguments: [
    "ExpiredTokenException", "InvalidSignatureException", "MissingAuthenticationTokenException", "UnrecognizedClientException",
  ])
  func `credentials that end in between aren't taken for permissions`(_ code: String) async throws {
    let place = CommandPlace()
    _ = await place.run("seed --items 5")
    place.engine.follow { arrival, _ in arrival.operation == "PutItem" ? .service(code, "m") : nil }
    let run = await place.run("plan --mapping users.yaml")
    #expect(run.status == .failed && run.output == "" && run.error.contains(code), "\(run.error) \(run.output)")
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let says: String
    let findings: [String]
    var sentence = ""
    let prepare: @Sendable (DynamoDBClient) async throws -> Void
    var testDescription: String { says }
  }

  /// A table users-v2 with what `change` makes of it.
  private static func make(_ client: DynamoDBClient, _ change: (inout CreateTableInput) -> Void = { _ in }) async throws {
    var input = CreateTableInput(tableName: "users-v2", keys: users)
    input.add(byEmail: .all)
    change(&input)
    _ = try await client.createTable(input)
  }

  static let cases: [Case] = [
    Case(says: "no new table", findings: ["newTable blocker"], sentence: "There is no new table yet") { _ in },
    Case(says: "keyed otherwise", findings: ["newTable blocker"], sentence: "isn't keyed by id (S)") { client in
      var input = CreateTableInput(tableName: "users-v2", keys: KeySchema(hash: .init("id", .number)))
      input.add(byEmail: .all)
      _ = try await client.createTable(input)
    },
    Case(says: "an index is missing", findings: ["newIndexes blocker"], sentence: "lacks the index byEmail") { client in
      try await make(client) {
        $0.globalSecondaryIndexes = nil
        $0.attributeDefinitions.removeLast()
      }
    },
    Case(says: "an index keyed only by base-key attributes without _dt", findings: ["newIndexes blocker"], sentence: "must project _dt") {
      client in
      try await make(client) { input in
        input.globalSecondaryIndexes?.append(
          SecondaryIndex(
            indexName: "again", keySchema: [KeySchemaElement(attributeName: "id", keyType: .hash)],
            projection: Projection(projectionType: .keysOnly)))
      }
    },
    Case(says: "such an index with _dt", findings: []) { client in
      try await make(client) { input in
        input.globalSecondaryIndexes?.append(
          SecondaryIndex(
            indexName: "again", keySchema: [KeySchemaElement(attributeName: "id", keyType: .hash)],
            projection: Projection(projectionType: .include, nonKeyAttributes: ["_dt"])))
      }
    },
    Case(says: "NEW's time to live is on", findings: ["newTimeToLive blocker"], sentence: "would come back from the old table") { client in
      try await make(client)
      _ = try await client.updateTimeToLive(UpdateTimeToLiveInput(tableName: "users-v2", attributeName: "expiresAt", enabled: true))
    },
    Case(says: "OLD's time to live is on", findings: ["oldTimeToLive warning"]) { client in
      try await make(client)
      _ = try await client.updateTimeToLive(UpdateTimeToLiveInput(tableName: "users", attributeName: "expires", enabled: true))
    },
    Case(says: "a stream", findings: ["newStream warning"], sentence: "sees each put of the backfill, and deletes as items with _dt") {
      client in
      try await make(client) { $0.streamSpecification = StreamSpecification(streamEnabled: true, streamViewType: .newImage) }
    },
    Case(says: "NEW holds items", findings: ["newTable warning"]) { client in
      try await make(client)
      _ = try await client.putItem(PutItemInput(tableName: "users-v2", item: ["id": "stray"]))
    },
    Case(says: "little capacity", findings: ["newCapacity warning"], sentence: "has 5 write units a second") { client in
      try await make(client) { input in
        input.billingMode = .provisioned
        input.provisionedThroughput = ProvisionedThroughput(readCapacityUnits: 5, writeCapacityUnits: 5)
        input.globalSecondaryIndexes?[0].provisionedThroughput = input.provisionedThroughput
      }
    },
    Case(says: "items that can't be converted", findings: ["conversion warning"], sentence: "can't convert 1 of") { client in
      try await make(client)
      _ = try await client.putItem(PutItemInput(tableName: "users", item: ["id": "hunter3", "profile": ["age": "hunter4"]]))
    },
    Case(says: "a denied scan", findings: ["items warning", "permissions blocker"], sentence: "may not dynamodb:Scan on users,") { client in
      try await make(client)
      try await deny("dynamodb:Scan", on: "users", client)
    },
    Case(says: "denied tags", findings: ["permissions warning"], sentence: "doesn't know what it would say") { client in
      try await make(client)
      try await deny("dynamodb:ListTagsOfResource", on: "users", client)
    },
  ]

  private static func deny(_ action: String, on table: String, _ client: DynamoDBClient) async throws {
    let arn = try await client.describeTable(DescribeTableInput(tableName: table)).table.tableArn ?? ""
    _ = try await client.putResourcePolicy(
      PutResourcePolicyInput(
        resourceArn: arn,
        policy: #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"\#(action)","Resource":"\#(arn)"}]}"#))
  }

  @Test(arguments: cases) func `every finding is ok, warning or blocker, and a blocker exits 1`(_ row: Case) async throws {
    let place = CommandPlace()
    _ = await place.run("seed --items 20 --new unused")
    try await row.prepare(try place.client)
    let run = await place.run("plan --mapping users.yaml --json")
    let found = try findings(run).filter { !$0.contains("Recovery") }
    #expect(found == row.findings, "\(run.output) \(run.error)")
    #expect(run.status == (row.findings.contains { $0.hasSuffix("blocker") } ? .findings : .done))
    #expect(run.output.contains(row.sentence))
    #expect(!run.output.contains("hunter"))
  }

  @Test func `a table in which one key holds much is told without the key`() async throws {
    let place = CommandPlace(
      mapping: """
        version: 1
        old: {hash: {id: S}}
        new: {hash: {tenant: S}, range: {id: S}}
        key: {tenant: {template: "{tenant}"}, id: id}
        old-key: {id: id}
        rest: keep
        """)
    let client = try place.client
    _ = try await client.createTable(CreateTableInput(tableName: "users", keys: Self.users))
    _ = try await client.createTable(
      CreateTableInput(tableName: "users-v2", keys: KeySchema(hash: .init("tenant", .string), range: .init("id", .string))))
    for number in 0..<100 {
      let tenant = number % 2 == 0 ? "hunter3" : "t\(number)"
      _ = try await client.putItem(PutItemInput(tableName: "users", item: ["id": .string("u\(number)"), "tenant": .string(tenant)]))
    }
    let run = await place.run("plan --mapping users.yaml --json")
    #expect(try findings(run).contains("newSkew warning"), "\(run.output) \(run.error)")
    #expect(
      run.output.contains("50 of 100 sampled items stand under one partition key of the new table") && !run.output.contains("hunter3"))
  }

  @Test func `what can't be planned is told in one sentence`() async throws {
    let place = CommandPlace()
    let missing = await place.run("plan --mapping users.yaml")
    #expect(
      missing.status == .failed && missing.error.hasPrefix("Error: The old table users can't be looked at: ResourceNotFoundException"))
    let same = await place.run("plan --mapping users.yaml --new users")
    #expect(same.error == "Error: The old and the new table are both users: a migration needs two tables.\n")
    let price = await place.run("plan --mapping users.yaml --price-read cheap")
    #expect(price.error == "Error: 'cheap' isn't a value of --price-read; give an amount as in 0.625.\n")
  }

  // MARK: - The new table

  @Test func `what --create-table-json prints makes the table, keyed and indexed as the mapping says, with OLD's settings`() async throws {
    let place = CommandPlace()
    let client = try place.client
    var input = CreateTableInput(tableName: "users", keys: Self.users)
    input.billingMode = .provisioned
    input.provisionedThroughput = ProvisionedThroughput(readCapacityUnits: 7, writeCapacityUnits: 9)
    input.tableClass = .standardInfrequentAccess
    input.deletionProtectionEnabled = true
    input.tags = [Tag(key: "team", value: "blue")]
    input.sseSpecification = SSESpecification(enabled: true)
    input.streamSpecification = StreamSpecification(streamEnabled: true, streamViewType: .newImage)
    _ = try await client.createTable(input)
    let run = await place.run(
      "plan --create-table-json --mapping users.yaml --new arn:aws:dynamodb:eu-central-1:000000000000:table/users-v2")
    #expect(run.status == .done && run.output.split(separator: "\n").count == 1, "\(run.error)")
    let request = try json(run)
    #expect(request["Tags"]?[0]?["Key"]?.string == "team" && request["SSESpecification"]?["Enabled"]?.bool == true)
    // The request itself, byte by byte, is what the service gets.
    _ = place.engine.arrive(RequestHead(target: "DynamoDB_20120810.CreateTable"), ByteBuffer(run.output.utf8), Fate())
    let table = try await client.describeTable(DescribeTableInput(tableName: "users-v2")).table
    #expect(table.keys == Self.users && table.provisionedThroughput?.writeCapacityUnits == 9)
    #expect(table.globalSecondaryIndexes.map(\.indexName) == ["byEmail"])
    #expect(table.globalSecondaryIndexes[0].provisionedThroughput?.readCapacityUnits == 7)
    #expect(table.tableClass == .standardInfrequentAccess && table.deletionProtectionEnabled)
    #expect(table.streamSpecification == nil && table.billingMode != .payPerRequest)
  }

  @Test func `on demand, warm throughput comes along only where there is some`() async throws {
    let place = CommandPlace()
    let client = try place.client
    var input = CreateTableInput(tableName: "users", keys: Self.users)
    input.warmThroughput = WarmThroughput(readUnitsPerSecond: 50_000, writeUnitsPerSecond: 20_000)
    _ = try await client.createTable(input)
    let warm = try json(await place.run("plan --create-table-json --mapping users.yaml"))
    #expect(warm["BillingMode"]?.string == "PAY_PER_REQUEST" && warm["ProvisionedThroughput"] == nil)
    #expect(warm["WarmThroughput"]?["WriteUnitsPerSecond"]?.integer == 20_000)
    input.tableName = "cold"
    input.warmThroughput = WarmThroughput(readUnitsPerSecond: 12_000, writeUnitsPerSecond: 4_000)
    _ = try await client.createTable(input)
    #expect(try json(await place.run("plan --create-table-json --mapping users.yaml --old cold"))["WarmThroughput"] == nil)
  }
}

extension CreateTableInput {
  /// The index that users.yaml plans.
  fileprivate mutating func add(byEmail projection: Projection.ProjectionType) {
    globalSecondaryIndexes = [
      SecondaryIndex(
        indexName: "byEmail", keySchema: [KeySchemaElement(attributeName: "email", keyType: .hash)],
        projection: Projection(projectionType: projection))
    ]
    attributeDefinitions.append(AttributeDefinition(attributeName: "email", attributeType: .string))
  }
}
