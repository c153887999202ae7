import DynamoDBClient
import DynamoDBModel
import Testing

/// The put that everything rests on: it never overwrites, says what is in the way, and has one winner.
@Suite(.enabled(if: !Engine.all.isEmpty, Engine.absence), .timeLimit(.minutes(5))) struct ConditionalPutTests {
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

  /// 12 writers each want the same 20 ids: each id has one winner, all others see a definite refusal.
  @Test(arguments: Engine.all) func oneWinner(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let won = try await withThrowingTaskGroup(of: [Int].self) { group in
          for writer in 0..<12 {
            group.addTask {
              var won: [Int] = []
              for id in 0..<20 {
                let input = PutItemInput(
                  tableName: table, item: ["id": .string("\(id)"), "by": .number(DynamoDBNumber(writer))],
                  conditionExpression: "attribute_not_exists(id)")
                do throws(DynamoDBError) {
                  _ = try await client.putItem(input)
                  won.append(id)
                } catch {
                  guard error.code == .conditionalCheckFailed, !error.outcomeUnknown else { throw error }
                }
              }
              return won
            }
          }
          return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(won.sorted() == Array(0..<20))
      }
    }
  }
}
