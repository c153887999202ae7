import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// Each operation on each state of both tables, with what it sends.
@Suite struct DualTableRepositoryTests {
  static let oldItem: Item = ["id": "a", "p": ["v": 1]]
  static let converted: Item = ["id": "n-a", "v": 1]
  static let live: Item = ["id": "n-a", "v": 7]
  static let tombstone: Item = ["id": "n-a", "_dt": 5]
  static let key: Item = ["id": "n-a"]

  // MARK: - Reads

  static let reads: [(MigrationPhase, [Item], [Item], Item?, [String])] = [
    (.dualTable, [live], [oldItem], live, ["GetItem new"]),
    (.dualTable, [], [oldItem], converted, ["GetItem new", "GetItem old"]),
    (.dualTable, [tombstone], [oldItem], nil, ["GetItem new"]),
    (.dualTable, [], [], nil, ["GetItem new", "GetItem old"]),
    (.dualTable, [], [["id": "a", "skip": true]], nil, ["GetItem new", "GetItem old"]),
    (.dualRead, [], [oldItem], converted, ["GetItem new", "GetItem old"]),
    (.old, [live], [oldItem], converted, ["GetItem old"]),
    (.newWithTombstones, [], [oldItem], nil, ["GetItem new"]),
    (.new, [tombstone], [], nil, ["GetItem new"]),
  ]

  @Test(
    "get: live, tombstone, missing in every phase; a consistent one reads both consistently, an eventual one both eventually",
    arguments: reads)
  func gets(_ phase: MigrationPhase, _ new: [Item], _ old: [Item], _ value: Item?, _ asked: [String]) async throws {
    for consistent in [true, false] {
      let bench = Bench(old: old, new: new)
      let output = try await bench.repository(phase).getItem(.init(tableName: "new", key: Self.key, consistentRead: consistent))
      #expect(output.item == value)
      #expect(bench.asked == asked)
      #expect(bench.requests.allSatisfy { $0["ConsistentRead"]?.bool == consistent })
    }
  }

  @Test("get: a key whose oldKey is nil is absent, and OLD is not asked") func asksOldNothingForKeysThatItCannotHave() async throws {
    let bench = Bench(old: [Self.oldItem], new: [])
    #expect(try await bench.repository().getItem(.init(tableName: "new", key: ["id": "x-a"])).item == nil)
    #expect(bench.asked == ["GetItem new"])
  }

  @Test("get: convert, pick the item with this key") func picksItsOwnOfSeveralResults() async throws {
    let bench = Bench(old: [["id": "a", "p": ["v": 1], "twin": true]], new: [])
    #expect(try await bench.repository().getItem(.init(tableName: "new", key: ["id": "t-a"])).item == ["id": "t-a", "v": 1])
    let alone = Bench(old: [Self.oldItem], new: [])
    #expect(try await alone.repository().getItem(.init(tableName: "new", key: ["id": "t-a"])).item == nil)
  }

  static let projections: [([Item], Item?)] = [
    ([["id": "n-a", "v": 7, "w": 8]], ["v": 7]), ([], ["v": 1]), ([tombstone], nil), ([["id": "n-a", "w": 8]], [:]),
  ]

  @Test("get: every projection sent to NEW includes _dt, nothing shows it", arguments: projections) func projects(
    _ new: [Item], _ value: Item?
  ) async throws {
    let bench = Bench(old: [["id": "a", "p": ["v": 1], "n": 3]], new: new)
    let output = try await bench.repository().getItem(
      .init(tableName: "new", key: Self.key, projectionExpression: "#v", expressionAttributeNames: ["#v": "v"]))
    #expect(output.item == value)
    // An item without the caller's attributes doesn't look like none, nor a tombstone like one.
    #expect(bench.requests[0].names?.values.sorted() == ["_dt", "id", "v"])
    #expect(bench.requests.dropFirst().allSatisfy { $0.text("ProjectionExpression") == nil })
  }

  // MARK: - Writes

  @Test("put, unconditional: PutItem on NEW, one request") func putsInOneRequest() async throws {
    let bench = Bench(old: [Self.oldItem], new: [])
    let output = try await bench.repository().putItem(.init(tableName: "new", item: Self.live))
    #expect(output.attributes == nil)
    #expect(bench.stored("n-a") == Self.live)
    #expect(bench.asked == ["PutItem new"])
  }

  static let replaced: [([Item], [Item], Item?, [String])] = [
    ([live], [oldItem], live, ["PutItem new"]), ([tombstone], [oldItem], nil, ["PutItem new"]),
    ([], [oldItem], converted, ["PutItem new", "GetItem old"]), ([], [], nil, ["PutItem new", "GetItem old"]),
  ]

  @Test("put, unconditional: the old value is ALL_OLD of the put; where that is empty, OLD's", arguments: replaced)
  func tellsWhatAPutReplaced(_ new: [Item], _ old: [Item], _ value: Item?, _ asked: [String]) async throws {
    let bench = Bench(old: old, new: new)
    let output = try await bench.repository().putItem(.init(tableName: "new", item: ["id": "n-a", "v": 8], returnValues: .allOld))
    #expect(output.attributes == value)
    #expect(bench.asked == asked)
  }

  static let deletes: [(MigrationPhase, String, [Item], Item?)] = [
    (.dualTable, "n-a", [live], ["id": "n-a", "_dt": 1_700_000_000_000]), (.dualTable, "n-a", [], ["id": "n-a", "_dt": 1_700_000_000_000]),
    (.newWithTombstones, "n-a", [live], ["id": "n-a", "_dt": 1_700_000_000_000]), (.dualTable, "x-a", [["id": "x-a", "v": 1]], nil),
    (.new, "n-a", [live], nil), (.new, "n-a", [tombstone], nil),
  ]

  @Test("delete, unconditional: a tombstone, one request; a real delete where oldKey is nil, and in 5", arguments: deletes)
  func deletesInOneRequest(_ phase: MigrationPhase, _ id: String, _ new: [Item], _ stored: Item?) async throws {
    let bench = Bench(old: [Self.oldItem], new: new)
    _ = try await bench.repository(phase).deleteItem(.init(tableName: "new", key: ["id": .string(id)]))
    #expect(bench.stored(id) == stored)
    #expect(bench.asked.count == 1)
    #expect(try await bench.repository(phase).getItem(.init(tableName: "new", key: ["id": .string(id)])).item == nil)
  }

  static let deleted: [(MigrationPhase, [Item], Item?)] = [
    (.dualTable, [live], live), (.dualTable, [], converted), (.dualTable, [tombstone], nil), (.newWithTombstones, [live], live),
    (.newWithTombstones, [], nil), (.new, [live], live), (.new, [tombstone], nil),
  ]

  @Test("delete that returns the old value: the four steps with the tombstone put as its write", arguments: deleted)
  func tellsWhatADeleteRemoved(_ phase: MigrationPhase, _ new: [Item], _ value: Item?) async throws {
    let bench = Bench(old: [Self.oldItem], new: new)
    let output = try await bench.repository(phase).deleteItem(.init(tableName: "new", key: Self.key, returnValues: .allOld))
    #expect(output.attributes == value)
    #expect(try await bench.repository(phase).getItem(.init(tableName: "new", key: Self.key)).item == nil)
  }

  /// NEW, OLD, what is returned as new, what as old, what was sent.
  static let updates: [([Item], [Item], Item, Item?, [String])] = [
    ([live], [oldItem], ["id": "n-a", "v": 7, "w": 2], live, ["UpdateItem new"]),
    ([tombstone], [oldItem], ["id": "n-a", "w": 2], nil, ["UpdateItem new", "UpdateItem new"]),
    (
      [], [oldItem], ["id": "n-a", "v": 1, "w": 2], converted,
      ["UpdateItem new", "GetItem new", "GetItem old", "PutItem new", "UpdateItem new"]
    ),
    ([], [], ["id": "n-a", "w": 2], nil, ["UpdateItem new", "GetItem new", "GetItem old", "UpdateItem new"]),
  ]

  @Test("update without a condition: step 1, 3 and 4 in each state, with every kind of return value", arguments: updates)
  func changes(_ new: [Item], _ old: [Item], _ after: Item, _ before: Item?, _ asked: [String]) async throws {
    for returned in [ReturnValue.allNew, .allOld, .updatedNew, .updatedOld] {
      let bench = Bench(old: old, new: new)
      let output = try await bench.repository().updateItem(
        .init(
          tableName: "new", key: Self.key, updateExpression: "SET w = :w", expressionAttributeValues: [":w": 2], returnValues: returned))
      let expected: Item? =
        switch returned {
        case .allNew: after
        case .allOld: before
        case .updatedNew: ["w": 2]
        default: nil
        }
      #expect(output.attributes == expected)
      #expect(bench.stored("n-a") == after)
      #expect(bench.asked == asked)
    }
  }

  /// Once an engine was seen to send items with refusals, one without says that there is none.
  @Test("a refused write tells the physical state without a second read") func learnsThatTheEngineSpeaks() async throws {
    let bench = Bench(old: [Self.oldItem], new: [["id": "n-b", "_dt": 5]])
    let repository = try bench.repository()
    let update = { (id: String) in
      UpdateItemInput(
        tableName: "new", key: ["id": .string(id)], updateExpression: "SET w = :w", expressionAttributeValues: [":w": 2])
    }
    _ = try await repository.updateItem(update("n-b"))
    _ = try await repository.updateItem(update("n-a"))
    #expect(bench.asked == ["UpdateItem new", "UpdateItem new", "UpdateItem new", "GetItem old", "PutItem new", "UpdateItem new"])
  }

  @Test(arguments: [true, false]) func asksEnginesThatRefuseInSilence(_ speaks: Bool) async throws {
    // The condition is false of OLD's item and true of the tombstone that hides it.
    let bench = Bench(old: [Self.oldItem], new: [Self.tombstone], refusalsCarryItems: speaks)
    _ = try await bench.repository().updateItem(
      .init(
        tableName: "new", key: Self.key, updateExpression: "SET v = :v", conditionExpression: "attribute_not_exists(v)",
        expressionAttributeValues: [":v": 3]))
    #expect(bench.stored("n-a") == ["id": "n-a", "v": 3])
  }

  static let conditions: [([Item], [Item], String, Item?, Bool)] = [
    ([live], [oldItem], "v = :seven", live, true), ([live], [oldItem], "v = :one", live, false),
    ([], [oldItem], "v = :one", converted, true),
    ([], [oldItem], "v = :seven", converted, false), ([tombstone], [oldItem], "v = :one", nil, false),
    ([tombstone], [oldItem], "attribute_not_exists(id)", nil, true), ([], [oldItem], "attribute_not_exists(id)", converted, false),
    ([], [], "attribute_not_exists(id)", nil, true), ([], [], "attribute_exists(id)", nil, false),
    ([live], [], "attribute_not_exists(id)", live, false), ([live], [oldItem], "attribute_not_exists(id)", live, false),
  ]

  @Test(arguments: conditions)
  func heedsConditions(_ new: [Item], _ old: [Item], _ condition: String, _ met: Item?, _ holds: Bool) async throws {
    let values: AttributeMap? =
      condition.contains(":seven") ? [":seven": 7] : condition.contains(":one") ? [":one": 1] : nil
    for speaks in [true, false] {
      for write in ["put", "update", "delete"] {
        let bench = Bench(old: old, new: new, refusalsCarryItems: speaks)
        let repository = try bench.repository()
        let before = bench.stored("n-a")
        let error = await failure { () throws(DualTableError) in
          switch write {
          case "put":
            _ = try await repository.putItem(
              .init(
                tableName: "new", item: ["id": "n-a", "v": 8], conditionExpression: condition, expressionAttributeValues: values,
                returnValuesOnConditionCheckFailure: .allOld))
          case "update":
            _ = try await repository.updateItem(
              .init(
                tableName: "new", key: Self.key, updateExpression: "REMOVE z", conditionExpression: condition,
                expressionAttributeValues: values, returnValuesOnConditionCheckFailure: .allOld))
          default:
            _ = try await repository.deleteItem(
              .init(
                tableName: "new", key: Self.key, conditionExpression: condition, expressionAttributeValues: values,
                returnValuesOnConditionCheckFailure: .allOld))
          }
        }
        #expect((error == nil) == holds, "\(write)")
        if !holds {
          #expect(error?.code == .conditionFailed)
          #expect(error?.item == met)
          #expect(bench.stored("n-a") == before)
        }
      }
    }
  }

  @Test func tellsTheItemOnlyWhereItWasAskedFor() async throws {
    let repository = try Bench(old: [], new: [Self.live]).repository()
    let error = await failure { () throws(DualTableError) in
      try await repository.deleteItem(
        .init(tableName: "new", key: Self.key, conditionExpression: "attribute_not_exists(v)"))
    }
    #expect(error?.code == .conditionFailed)
    #expect(error?.item == nil)
  }

  @Test("every request names attributes by alias from a reserved prefix") func sendsNoNameThatTheCallerChose() async throws {
    let bench = Bench(old: [], new: [Self.live])
    _ = try await bench.repository().updateItem(
      .init(
        tableName: "new", key: Self.key, updateExpression: "SET #n = :n", conditionExpression: "v = :v OR #n = :n",
        expressionAttributeNames: ["#n": "name"], expressionAttributeValues: [":n": "x", ":v": 7]))
    let sent = bench.requests[0]
    #expect(sent.text("UpdateExpression") == "SET #_3=:_1")
    #expect(
      sent.text("ConditionExpression") == "attribute_exists(#_0) AND attribute_not_exists(#_1) AND (#_2=:_0 OR #_3=:_1)")
    #expect(sent.names == ["#_0": "id", "#_1": "_dt", "#_2": "v", "#_3": "name"])
    #expect(sent.item("ExpressionAttributeValues") == [":_0": 7, ":_1": "x"])
  }
}

/// What `body` throws; nil where it throws nothing.
func failure<Value>(_ body: () async throws(DualTableError) -> Value) async -> DualTableError? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}
