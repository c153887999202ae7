import DynamoDBClient
import DynamoDBModel
import Testing

/// How each engine refuses, and what the client makes of it.
@Suite(.timeLimit(.minutes(5))) struct ErrorsTests {
  static let key: Item = ["id": .string("a")]
  static let item: Item = ["id": .string("a"), "v": .number(1)]

  @Test(arguments: Engine.all) func missingTable(_ engine: Engine) async throws {
    let table = "never-made"
    try await engine.withClient { client in
      let errors = [
        await failure { () throws(DynamoDBError) in try await client.getItem(GetItemInput(tableName: table, key: Self.key)) },
        await failure { () throws(DynamoDBError) in try await client.putItem(PutItemInput(tableName: table, item: Self.key)) },
        await failure { () throws(DynamoDBError) in
          try await client.updateItem(
            UpdateItemInput(
              tableName: table, key: Self.key, updateExpression: "SET v = :v", expressionAttributeValues: [":v": .bool(true)]))
        },
        await failure { () throws(DynamoDBError) in try await client.deleteItem(DeleteItemInput(tableName: table, key: Self.key)) },
        await failure { () throws(DynamoDBError) in try await client.scan(ScanInput(tableName: table)) },
        await failure { () throws(DynamoDBError) in
          try await client.batchGetItem(BatchGetItemInput(requestItems: [table: KeysAndAttributes(keys: [Self.key])]))
        },
        await failure { () throws(DynamoDBError) in try await client.describeTable(DescribeTableInput(tableName: table)) },
        await failure { () throws(DynamoDBError) in try await client.deleteTable(DeleteTableInput(tableName: table)) },
      ]
      for error in errors {
        #expect(error?.code == .resourceNotFound && error?.httpStatus == 400)
        #expect(error?.outcomeUnknown == false && error?.isRetryable == false && error?.attempts == 1)
      }
    }
  }

  /// A false condition of each write, with and without asking for the item that is in the way.
  @Test(arguments: Engine.all) func refusedCondition(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        _ = try await client.putItem(PutItemInput(tableName: table, item: Self.item))
        for wish in [nil, ReturnValuesOnConditionCheckFailure.none, .allOld] {
          let errors = [
            await failure { () throws(DynamoDBError) in
              try await client.putItem(
                PutItemInput(
                  tableName: table, item: Self.key, conditionExpression: "attribute_not_exists(id)",
                  returnValuesOnConditionCheckFailure: wish))
            },
            await failure { () throws(DynamoDBError) in
              try await client.updateItem(
                UpdateItemInput(
                  tableName: table, key: Self.key, updateExpression: "SET v = :two", conditionExpression: "v = :two",
                  expressionAttributeValues: [":two": .number(2)], returnValuesOnConditionCheckFailure: wish))
            },
            await failure { () throws(DynamoDBError) in
              try await client.deleteItem(
                DeleteItemInput(
                  tableName: table, key: Self.key, conditionExpression: "attribute_exists(w)", returnValuesOnConditionCheckFailure: wish))
            },
          ]
          let wanted = wish == .allOld && !engine.has(.noItemOnRefusal) ? Self.item : nil
          for error in errors {
            #expect(error?.code == .conditionalCheckFailed && error?.item == wanted, "\(String(describing: wish))")
            #expect(error?.outcomeUnknown == false && error?.isRetryable == false && error?.message.isEmpty == false)
          }
        }
        let after = try await client.getItem(GetItemInput(tableName: table, key: Self.key, consistentRead: true))
        #expect(after.item == Self.item)
      }
    }
  }

  /// Where nothing is in the way, a refusal brings nothing, asked or not.
  @Test(arguments: Engine.all) func refusedWithoutItem(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let error = await failure { () throws(DynamoDBError) in
          try await client.updateItem(
            UpdateItemInput(
              tableName: table, key: Self.key, updateExpression: "SET v = :v", conditionExpression: "attribute_exists(id)",
              expressionAttributeValues: [":v": .bool(true)], returnValuesOnConditionCheckFailure: .allOld))
        }
        #expect(error?.code == .conditionalCheckFailed && error?.item == nil)
        let after = try await client.getItem(GetItemInput(tableName: table, key: Self.key, consistentRead: true))
        #expect(after.item == nil)
      }
    }
  }

  @Test(
    arguments: Engine.all,
    [
      ["id": .number(1)], ["other": .string("a")], ["id": .string("a"), "sk": .string("b")], [:], ["id": .string("")],
    ] as [Item]) func wrongKey(_ engine: Engine, _ key: Item) async throws
  {
    try await engine.withClient { client in
      try await client.withTable { table in
        let error = await failure { () throws(DynamoDBError) in try await client.getItem(GetItemInput(tableName: table, key: key)) }
        if engine.has(.takesWrongKeyTypes) && key == ["id": .number(1)] {
          #expect(error == nil)
        } else {
          #expect(error?.code == .validation && error?.httpStatus == 400)
        }
      }
    }
  }

  @Test(arguments: Engine.all) func wrongTypes(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        _ = try await client.putItem(PutItemInput(tableName: table, item: ["id": .string("a"), "text": .string("x")]))
        let added = await failure { () throws(DynamoDBError) in
          try await client.updateItem(
            UpdateItemInput(tableName: table, key: Self.key, updateExpression: "ADD text :n", expressionAttributeValues: [":n": .number(1)])
          )
        }
        #expect(added?.code == .validation)
        let unparsable = await failure { () throws(DynamoDBError) in
          try await client.putItem(PutItemInput(tableName: table, item: Self.key, conditionExpression: "this is no condition"))
        }
        #expect(unparsable?.code == .validation && unparsable?.description.contains("this") == false)
      }
    }
  }

  /// The client's own numbers can't be bad, so these go as bytes.
  @Test(arguments: Engine.all, ["abc", "", "1E126", "123456789012345678901234567890123456789"])
  func badNumber(_ engine: Engine, _ text: String) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let answer = try await client.conditionalPut(#"{"id":{"S":"a"},"n":{"N":"\#(text)"}}"#, table: table, hashKey: "id")
        switch answer {
        case .success: #expect(engine.has(.takesImpossibleNumbers) && text.count > 3)
        case .failure(let error):
          #expect(!engine.has(.takesImpossibleNumbers) || text.count <= 3)
          #expect(error.code == .validation && error.attempts == 0 && !error.mayHaveArrived)
        }
      }
    }
  }

  /// The service gives numbers back in its own form, which is equal by value.
  @Test(arguments: Engine.all) func numbersComeBackEqual(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let item: Item = [
          "id": .string("a"), "n": .number(try DynamoDBNumber("1.50")), "m": .map(["n": .number(try DynamoDBNumber("1e2"))]),
        ]
        _ = try await client.putItem(PutItemInput(tableName: table, item: item))
        let got = try #require(await client.getItem(GetItemInput(tableName: table, key: Self.key, consistentRead: true)).item)
        #expect(got == item)
        guard case .number(let number) = got["n"] else { return }
        #expect(number.text == (engine.has(.numbersAsSent) ? "1.50" : "1.5"))
      }
    }
  }
}
