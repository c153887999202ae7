import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import Testing

/// The bytes of batches and transactions, and what is read from their answers.
@Suite struct BatchOperationsTests {
  static let key: Item = ["id": .string("a")]
  static let values: AttributeMap = [":v": .bool(true)]

  @Test func batchWriteSortsItsTables() {
    let input = BatchWriteItemInput(
      requestItems: ["b": [.put(Self.key), .delete(key: ["id": .string("c")])], "a": [.delete(key: Self.key)]],
      returnConsumedCapacity: .total, returnItemCollectionMetrics: .size)
    #expect(
      body(input)
        == #"{"RequestItems":{"a":[{"DeleteRequest":{"Key":{"id":{"S":"a"}}}}],"b":[{"PutRequest":{"Item":{"id":{"S":"a"}}}},"#
        + #"{"DeleteRequest":{"Key":{"id":{"S":"c"}}}}]},"ReturnConsumedCapacity":"TOTAL","ReturnItemCollectionMetrics":"SIZE"}"#)
  }

  @Test func transactGetWithEverything() {
    let input = TransactGetItemsInput(
      transactItems: [
        TransactGetItem(tableName: "t", key: Self.key, projectionExpression: "#a", expressionAttributeNames: ["#a": "x"]),
        TransactGetItem(tableName: "u", key: Self.key),
      ], returnConsumedCapacity: .total)
    #expect(
      body(input)
        == ##"{"TransactItems":[{"Get":{"TableName":"t","Key":{"id":{"S":"a"}},"ProjectionExpression":"#a","##
        + ##""ExpressionAttributeNames":{"#a":"x"}}},{"Get":{"TableName":"u","Key":{"id":{"S":"a"}}}}],"ReturnConsumedCapacity":"TOTAL"}"##)
  }

  @Test func transactWriteWithEverything() {
    let actions: [TransactWriteItem.Action] = [
      .put(Self.key), .update(key: Self.key, updateExpression: "SET #a = :v"), .delete(key: Self.key), .conditionCheck(key: Self.key),
    ]
    let input = TransactWriteItemsInput(
      transactItems: actions.map {
        TransactWriteItem(
          tableName: "t", action: $0, conditionExpression: "c", expressionAttributeNames: ["#a": "x"],
          expressionAttributeValues: Self.values, returnValuesOnConditionCheckFailure: .allOld)
      }, clientRequestToken: "token", returnConsumedCapacity: .total, returnItemCollectionMetrics: .size)
    let tail =
      ##""ConditionExpression":"c","ExpressionAttributeNames":{"#a":"x"},"ExpressionAttributeValues":{":v":{"BOOL":true}},"##
      + #""ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}"#
    #expect(
      body(input)
        == #"{"TransactItems":[{"Put":{"TableName":"t","Item":{"id":{"S":"a"}},"# + tail
        + ##",{"Update":{"TableName":"t","Key":{"id":{"S":"a"}},"UpdateExpression":"SET #a = :v","## + tail
        + #",{"Delete":{"TableName":"t","Key":{"id":{"S":"a"}},"# + tail
        + #",{"ConditionCheck":{"TableName":"t","Key":{"id":{"S":"a"}},"# + tail
        + #"],"ClientRequestToken":"token","ReturnConsumedCapacity":"TOTAL","ReturnItemCollectionMetrics":"SIZE"}"#)
  }

  @Test func statementsWithEverything() {
    let input = BatchExecuteStatementInput(
      statements: [
        BatchStatement(
          statement: #"SELECT * FROM "t" WHERE id = ?"#, parameters: [.string("a"), .number(1)], consistentRead: true,
          returnValuesOnConditionCheckFailure: .allOld), BatchStatement(statement: "s"),
      ], returnConsumedCapacity: .total)
    #expect(
      body(input)
        == #"{"Statements":[{"Statement":"SELECT * FROM \"t\" WHERE id = ?","Parameters":[{"S":"a"},{"N":"1"}],"ConsistentRead":true,"#
        + #""ReturnValuesOnConditionCheckFailure":"ALL_OLD"},{"Statement":"s"}],"ReturnConsumedCapacity":"TOTAL"}"#)
  }

  @Test func answersOfBatchWrites() async throws {
    let text = #"""
      {"UnprocessedItems":{"t":[ {"PutRequest":{"X":1,"Item":{"id":{"S":"a"}}}} , {"DeleteRequest":{"Key":{"id":{"S":"b"}}}}],"u":[ ]},
      "ItemCollectionMetrics":{"t":[{"ItemCollectionKey":{"id":{"S":"a"}},"SizeEstimateRangeGB":[0,1]}]},
      "ConsumedCapacity":[{"TableName":"t","CapacityUnits":2}],"X":{}}
      """#
    let output = try await answered(text) { try await $0.batchWriteItem(BatchWriteItemInput(requestItems: [:])) }
    #expect(output.unprocessedItems == ["t": [.put(Self.key), .delete(key: ["id": .string("b")])], "u": []])
    #expect(output.itemCollectionMetrics["t"]?.map(\.itemCollectionKey) == [Self.key])
    #expect(output.consumedCapacity.map(\.capacityUnits) == [2])
  }

  @Test(arguments: [
    #"{"UnprocessedItems":{"t":[{}]}}"#, #"{"UnprocessedItems":{"t":[{"PutRequest":{}}]}}"#, #"{"UnprocessedItems":{"t":[7]}}"#,
    #"{"UnprocessedItems":{"t":[{"OddRequest":{"Item":{"id":{"S":"a"}}}}]}}"#, #"{"UnprocessedItems":[]}"#, "[]",
  ]) func unreadableBatchWrites(_ text: String) async throws {
    let test = try TestClient([.answer(200, text)])
    let error = await failure { () throws(DynamoDBError) in try await test.client.batchWriteItem(BatchWriteItemInput(requestItems: [:])) }
    #expect(error?.code == .unexpectedAnswer && error?.outcomeUnknown == true)
  }

  @Test func answersOfTransactions() async throws {
    let read = try await answered(
      #"{"Responses":[{"Item":{"id":{"S":"a"}}}, {}, {"Item":null,"X":7}],"ConsumedCapacity":[{"TableName":"t","ReadCapacityUnits":2}]}"#
    ) { try await $0.transactGetItems(TransactGetItemsInput(transactItems: [])) }
    #expect(read.responses == [Self.key, nil, nil] && read.consumedCapacity.map(\.readCapacityUnits) == [2])
    let written = try await answered(
      #"{"ConsumedCapacity":[{"TableName":"t","WriteCapacityUnits":4}],"ItemCollectionMetrics":{"t":[{"SizeEstimateRangeGB":[0,1]}]}}"#
    ) { try await $0.transactWriteItems(TransactWriteItemsInput(transactItems: [])) }
    #expect(written.consumedCapacity.map(\.writeCapacityUnits) == [4] && written.itemCollectionMetrics["t"]?.count == 1)
  }

  @Test func answersOfStatements() async throws {
    let text = #"""
      {"Responses":[{"TableName":"t"},{"TableName":"t","Error":{"Code":"DuplicateItem","Message":"m"}},{"Item":{"id":{"S":"a"}},"X":1}],
      "ConsumedCapacity":[{"TableName":"t","CapacityUnits":2}]}
      """#
    let output = try await answered(text) { try await $0.batchExecuteStatement(BatchExecuteStatementInput(statements: [])) }
    #expect(
      output.responses == [
        BatchStatementResponse(tableName: "t"),
        BatchStatementResponse(error: ActionError(code: "DuplicateItem", message: "m"), tableName: "t"),
        BatchStatementResponse(item: Self.key),
      ])
    #expect(output.consumedCapacity.map(\.capacityUnits) == [2])
  }

  /// An answer without responses must not pass for one that found nothing wrong.
  @Test(arguments: ["{}", #"{"Responses":null}"#, #"{"Responses":{}}"#, #"{"Responses":[7]}"#, #"{"Responses":[{"Item":7}]}"#])
  func unreadableResponses(_ text: String) async throws {
    let test = try TestClient([.answer(200, text), .answer(200, text)])
    let read = await failure { () throws(DynamoDBError) in
      try await test.client.transactGetItems(TransactGetItemsInput(transactItems: []))
    }
    #expect(read?.code == .unexpectedAnswer && read?.outcomeUnknown == false)
    let run = await failure { () throws(DynamoDBError) in
      try await test.client.batchExecuteStatement(BatchExecuteStatementInput(statements: []))
    }
    #expect(run?.code == .unexpectedAnswer && run?.outcomeUnknown == true)
  }

  /// A transaction whose answer was lost is sent again as the same one; the next call's is another.
  @Test func triesAreOneTransaction() async throws {
    let test = try TestClient([.failure(.reset), .answer(200, "{}"), .answer(200, "{}"), .answer(200, "{}")])
    let input = TransactWriteItemsInput(transactItems: [TransactWriteItem(tableName: "t", action: .delete(key: Self.key))])
    _ = try await test.client.transactWriteItems(input)
    _ = try await test.client.transactWriteItems(input)
    var named = input
    named.clientRequestToken = "mine"
    _ = try await test.client.transactWriteItems(named)
    let bodies = test.transport.sent.map(\.body)
    #expect(bodies.count == 4 && bodies[0] == bodies[1] && bodies[1] != bodies[2])
    #expect(bodies[0].contains(#""ClientRequestToken":""#) && bodies[3].contains(#""ClientRequestToken":"mine""#))
  }

  @Test func writes() {
    let writes = DynamoDBOperation.allCases.filter(\.isWrite).map(\.rawValue)
    #expect(
      Set(writes) == [
        "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "BatchExecuteStatement", "CreateTable",
        "DeleteTable", "UpdateTable", "UpdateTimeToLive", "PutResourcePolicy", "DeleteResourcePolicy",
      ])
  }
}
