import DualTable
import DynamoDBSimulator
import MigrationControl
import Testing

struct UsersBefore {
  let dynamo: DynamoDBClient

  func email(of id: String) async throws -> String? {
    let item = try await dynamo.getItem(.init(tableName: "users", key: ["id": .string(id)], consistentRead: true)).item
    return try item.map { try DynamoDBDecoder().decode(OldUser.self, from: $0).profile.email }
  }

  func register(_ id: String, email: String) async throws {
    let item = try DynamoDBEncoder().encode(OldUser(id: id, profile: .init(email: email)))
    _ = try await dynamo.putItem(.init(tableName: "users", item: item, conditionExpression: "attribute_not_exists(id)"))
  }

  func change(_ id: String, email: String) async throws {
    _ = try await dynamo.updateItem(
      .init(
        tableName: "users", key: ["id": .string(id)], updateExpression: "SET profile.email = :email",
        conditionExpression: "attribute_exists(id)", expressionAttributeValues: [":email": .string(email)]))
  }

  func remove(_ id: String) async throws {
    _ = try await dynamo.deleteItem(.init(tableName: "users", key: ["id": .string(id)]))
  }
}

struct UsersDuring {
  let repository: DualTableRepository
  let users: DualTableItems<NewUser>

  init(_ dynamo: DynamoDBClient) {
    repository = DualTableRepository(
      old: dynamo, oldTable: "users", new: dynamo, newTable: "users-2", mapping: UserMapping(),
      phase: .controlTable("migrations", client: dynamo))
    users = repository.items(of: NewUser.self)
  }

  func email(of id: String) async throws -> String? {
    try await users.getItem(key: ["userId": .string(id)], consistentRead: true)?.email
  }

  func register(_ id: String, email: String) async throws {
    try await repository.write(
      old: { dynamo in try await UsersBefore(dynamo: dynamo).register(id, email: email) },
      new: { _ in
        try await users.putItem(NewUser(userId: id, email: email), conditionExpression: "attribute_not_exists(userId)")
      })
  }

  func change(_ id: String, email: String) async throws {
    try await repository.write(
      old: { dynamo in try await UsersBefore(dynamo: dynamo).change(id, email: email) },
      new: { _ in
        try await users.updateItem(
          key: ["userId": .string(id)], updateExpression: "SET email = :email", conditionExpression: "attribute_exists(userId)",
          expressionAttributeValues: [":email": .string(email)])
      })
  }

  func remove(_ id: String) async throws {
    try await repository.write(
      old: { dynamo in try await UsersBefore(dynamo: dynamo).remove(id) },
      new: { _ in try await users.deleteItem(key: ["userId": .string(id)]) })
  }
}

struct UsersAfter {
  let dynamo: DynamoDBClient

  func email(of id: String) async throws -> String? {
    let item = try await dynamo.getItem(.init(tableName: "users-2", key: ["userId": .string(id)], consistentRead: true)).item
    return try item.map { try DynamoDBDecoder().decode(NewUser.self, from: $0).email }
  }

  func register(_ id: String, email: String) async throws {
    let item = try DynamoDBEncoder().encode(NewUser(userId: id, email: email))
    _ = try await dynamo.putItem(.init(tableName: "users-2", item: item, conditionExpression: "attribute_not_exists(userId)"))
  }

  func change(_ id: String, email: String) async throws {
    _ = try await dynamo.updateItem(
      .init(
        tableName: "users-2", key: ["userId": .string(id)], updateExpression: "SET email = :email",
        conditionExpression: "attribute_exists(userId)", expressionAttributeValues: [":email": .string(email)]))
  }

  func remove(_ id: String) async throws {
    _ = try await dynamo.deleteItem(.init(tableName: "users-2", key: ["userId": .string(id)]))
  }
}

func serveDuring(_ dynamo: DynamoDBClient, _ serve: @escaping @Sendable (UsersDuring) async throws -> Void) async throws {
  let users = UsersDuring(dynamo)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await users.repository.run() }
    try await serve(users)
    group.cancelAll()
  }
}

/// The article's service goes through its migration on the simulator, in the article's steps.
@Suite struct SampleServiceListings {
  /// What all three deployments of the service can do.
  protocol Users {
    func email(of id: String) async throws -> String?
    func register(_ id: String, email: String) async throws
    func change(_ id: String, email: String) async throws
    func remove(_ id: String) async throws
  }

  /// Uses the service on users that others left, and leaves some behind in turn.
  static func use(_ users: some Users, step: Int, _ known: inout [String: String]) async throws {
    for (id, email) in known.sorted(by: { $0.key < $1.key }) {
      #expect(try await users.email(of: id) == email, "step \(step)")
      await #expect(throws: (any Error).self, "step \(step)") { try await users.register(id, email: "taken@example.com") }
    }
    for number in 0..<4 {
      let id = "u\(step)-\(number)"
      try await users.register(id, email: "\(id)@example.com")
      known[id] = "\(id)@example.com"
    }
    // Of what the step before left: one is changed, one removed, two stay.
    if known["u\(step - 1)-0"] != nil {
      try await users.change("u\(step - 1)-0", email: "changed@example.com")
      known["u\(step - 1)-0"] = "changed@example.com"
      try await users.remove("u\(step - 1)-1")
      known["u\(step - 1)-1"] = nil
    }
    for id in ["u\(step - 1)-1", "nobody"] {
      #expect(try await users.email(of: id) == nil, "step \(step)")
      await #expect(throws: (any Error).self, "step \(step)") { try await users.change(id, email: "nobody@example.com") }
    }
  }

  static func makeTables(_ dynamo: DynamoDBClient, _ time: SimulatedTime) async throws {
    let mapping = UserMapping()
    for (name, schema) in [("users", mapping.oldSchema), ("users-2", mapping.newSchema), ("migrations", ControlTable.schema)] {
      _ = try await dynamo.createTable(
        CreateTableInput(
          tableName: name,
          attributeDefinitions: schema.attributes.map { AttributeDefinition(attributeName: $0.name, attributeType: $0.type) },
          keySchema: zip(schema.attributes, [KeyType.hash, .range]).map { KeySchemaElement(attributeName: $0.name, keyType: $1) },
          billingMode: .payPerRequest))
    }
    try await time.sleep(for: .seconds(60))
  }

  /// What `dualtable backfill` does: OLD's items, where nothing is.
  static func backfill(_ dynamo: DynamoDBClient, _ simulator: DynamoDBSimulator) async throws {
    for item in simulator.items(in: "users") {
      for converted in try UserMapping().convert(item) {
        do {
          _ = try await dynamo.putItem(
            .init(tableName: "users-2", item: converted, conditionExpression: "attribute_not_exists(userId)"))
        } catch {
          guard error.code == .conditionalCheckFailed else { throw error }
        }
      }
    }
  }

  @Test("the sample service's migration: before, during, after") func migrates() throws {
    let time = SimulatedTime(seed: 11)
    let simulator = DynamoDBSimulator(time: time)
    try time.run {
      let dynamo = simulator.client(on: time)
      try await Self.makeTables(dynamo, time)
      var known: [String: String] = [:]
      try await Self.use(UsersBefore(dynamo: dynamo), step: 0, &known)
      let control = ControlTable(client: dynamo, name: "migrations", oldTable: "users", newTable: "users-2")
      #expect(try await control.initialize(ControlItem(phase: .old, epoch: 1, mapping: UserMapping().digest)) == .done)
      var all = known
      let before = known
      try await serveDuring(dynamo) { users in
        var known = before
        for (step, phase) in MigrationPhase.allCases.enumerated() {
          if phase != .old {
            let outcome = try await PhaseSwitch(table: control, wallClock: time.wallClock, clock: time)
              .perform(SwitchStateMachine(to: phase, patience: .seconds(60)))
            guard case .done = outcome else {
              Issue.record("\(phase): \(outcome)")
              return
            }
          }
          try await Self.use(users, step: step + 1, &known)
          // The service is used while some items are across and others aren't, and again when all are.
          if phase == .dualTable {
            try await Self.backfill(dynamo, simulator)
            try await Self.use(users, step: 10, &known)
          }
        }
        #expect(try await users.email(of: "u10-0") == known["u10-0"])
      }
      all = Dictionary(
        uniqueKeysWithValues: simulator.items(in: "users-2").filter { $0["_dt"] == nil }.compactMap { item in
          item["userId"]?.stringValue.flatMap { id in item["email"]?.stringValue.map { (id, $0) } }
        })
      #expect(all.count > before.count)
      #expect(before.keys.filter { all[$0] == nil }.count == 1, "one of the first users was removed on the way")
      // `dualtable sweep`
      for item in simulator.items(in: "users-2") where item["_dt"] != nil {
        _ = try await dynamo.deleteItem(
          .init(
            tableName: "users-2", key: ["userId": item["userId"] ?? .null], conditionExpression: "attribute_exists(#d)",
            expressionAttributeNames: ["#d": "_dt"]))
      }
      try await Self.use(UsersAfter(dynamo: dynamo), step: 6, &all)
    }
  }
}

extension UsersBefore: SampleServiceListings.Users {}
extension UsersDuring: SampleServiceListings.Users {}
extension UsersAfter: SampleServiceListings.Users {}
