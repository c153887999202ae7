import DynamoDBClient
import DynamoDBModel
import Testing

/// The put that everything rests on: it never overwrites, says what is in the way, and has one winner.
@Suite(.timeLimit(.minutes(5))) struct ConditionalPutTests {
  @Test(arguments: Engine.all) func neverOverwrites(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable(OperationsTests.composite) { table in
        let first = try await client.conditionalPut(#"{"pk":{"S":"a"},"sk":{"N":"1"},"v":{"N":"1"}}"#, table: table, hashKey: "pk")
        #expect(try first.get() == 1)
        let beside = try await client.conditionalPut(#"{"pk":{"S":"a"},"sk":{"N":"2"}}"#, table: table, hashKey: "pk")
        #expect(try beside.get() == 1)
        let second = try await client.conditionalPut(#"{"pk":{"S":"a"},"sk":{"N":"1.0"},"v":{"N":"2"}}"#, table: table, hashKey: "pk")
        guard case .failure(let error) = second else {
          Issue.record("the put went through")
          return
        }
        let item: Item = ["pk": .string("a"), "sk": .number(1), "v": .number(1)]
        #expect(error.code == .conditionalCheckFailed && error.item == (engine.has(.noItemOnRefusal) ? nil : item))
        let key: Item = ["pk": .string("a"), "sk": .number(1)]
        let after = try await client.getItem(GetItemInput(tableName: table, key: key, consistentRead: true))
        #expect(after.item == item)
      }
    }
  }

  /// 12 writers each want the same 20 ids: each id has one winner at most, and its item is the winner's, or that of a writer who can't know.
  @Test(arguments: Engine.all) func oneWinner(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let claims = try await withThrowingTaskGroup(of: [Claim].self) { group in
          for writer in 0..<12 { group.addTask { try await Self.claim(20, as: writer, client, table) } }
          return try await group.reduce(into: []) { $0 += $1 }
        }
        for id in 0..<20 {
          let winners = claims.filter { $0.id == id && $0.isSure }.map(\.writer)
          let unsure = claims.filter { $0.id == id && !$0.isSure }.map(\.writer)
          let item = try await client.getItem(GetItemInput(tableName: table, key: ["id": .string("\(id)")], consistentRead: true)).item
          #expect(winners.count == 1 || (winners.isEmpty && !unsure.isEmpty), "\(winners) won \(id)")
          let possible = winners.isEmpty ? unsure : winners
          #expect(possible.contains { item?["by"] == .number(DynamoDBNumber($0)) }, "\(id)")
        }
      }
    }
  }

  /// A put that went through, or may have.
  private struct Claim {
    let id: Int
    let writer: Int
    let isSure: Bool
  }

  private static func claim(_ ids: Int, as writer: Int, _ client: DynamoDBClient, _ table: String) async throws -> [Claim] {
    var claims: [Claim] = []
    for id in 0..<ids {
      let input = PutItemInput(
        tableName: table, item: ["id": .string("\(id)"), "by": .number(DynamoDBNumber(writer))],
        conditionExpression: "attribute_not_exists(id)")
      do throws(DynamoDBError) {
        _ = try await client.putItem(input)
        claims.append(Claim(id: id, writer: writer, isSure: true))
      } catch {
        // A lost answer is no refusal: on a crowded machine an engine may be slower than the client's patience.
        if error.outcomeUnknown {
          claims.append(Claim(id: id, writer: writer, isSure: false))
        } else if error.code != .conditionalCheckFailed {
          throw error
        }
      }
    }
    return claims
  }
}
