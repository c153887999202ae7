import DynamoDBClient
import DynamoDBModel
import Testing

/// One case for each operation on several items, on every engine that has it.
@Suite(.timeLimit(.minutes(5))) struct BatchOperationsTests {
  private static func item(_ sort: Int) -> Item { ["pk": .string("a"), "sk": .number(DynamoDBNumber(sort)), "x": .bool(sort % 2 == 0)] }

  @Test(arguments: Engine.all) func batchWriteItemAndQuery(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable(OperationsTests.composite) { table in
        let other: Item = ["pk": .string("b"), "sk": .number(1)]
        let puts = (0..<20).map { WriteRequest.put(Self.item($0)) } + [.put(other)]
        let put = try await client.batchWriteItem(
          BatchWriteItemInput(requestItems: [table: puts], returnConsumedCapacity: .total))
        #expect(put.unprocessedItems.isEmpty && put.consumedCapacity.map(\.tableName) == [table])
        _ = try await client.batchWriteItem(
          BatchWriteItemInput(requestItems: [table: [.delete(key: ["pk": .string("a"), "sk": .number(19)])]]))
        let query = QueryInput(
          tableName: table, keyConditionExpression: "pk = :a AND sk BETWEEN :low AND :high", limit: 4, scanIndexForward: false,
          consistentRead: true, expressionAttributeValues: [":a": .string("a"), ":low": .number(9), ":high": .number(30)],
          returnConsumedCapacity: .total)
        var found: [Item] = []
        for try await page in client.queryPages(query) {
          #expect(page.count == page.items.count && page.count <= 4 && page.consumedCapacity?.capacityUnits != nil)
          found += page.items
        }
        #expect(found == (9..<19).reversed().map(Self.item))
        let filtered = try await client.query(
          QueryInput(
            tableName: table, keyConditionExpression: "#p = :a", filterExpression: "x = :t", projectionExpression: "sk",
            expressionAttributeNames: ["#p": "pk"], expressionAttributeValues: [":a": .string("a"), ":t": .bool(true)]))
        #expect(filtered.count == 10 && filtered.scannedCount == 19 && filtered.items.allSatisfy { $0.count == 1 })
      }
    }
  }

  /// More than a request takes: parts of 25 and 100, and again what an engine leaves of them (dynalite's answers end at 1 MB).
  @Test(arguments: Engine.all) func wholeBatches(_ engine: Engine) async throws {
    let text = String(repeating: "x", count: 20_000)
    let items: [Item] = (0..<110).map { ["id": .string("\($0)"), "text": .string(text)] }
    let keys: [Item] = (0..<110).map { ["id": .string("\($0)")] }
    try await engine.withClient { client in
      try await client.withTable { table in
        let written = try await client.batchWriteAllItems(BatchWriteItemInput(requestItems: [table: items.map { .put($0) }]))
        #expect(written.unprocessedItems.isEmpty)
        let read = try await client.batchGetAllItems(
          BatchGetItemInput(requestItems: [table: KeysAndAttributes(keys: keys + [["id": .string("none")]], consistentRead: true)]))
        #expect(read.unprocessedKeys.isEmpty && Set(read.responses[table] ?? []) == Set(items) && read.responses[table]?.count == 110)
        _ = try await client.batchWriteAllItems(BatchWriteItemInput(requestItems: [table: keys.map { .delete(key: $0) }]))
        #expect(try await client.scan(ScanInput(tableName: table, select: .count)).count == 0)
      }
    }
  }

  @Test(arguments: Engine.all.filter { !$0.has(.noTransactions) }) func transactions(_ engine: Engine) async throws {
    let keys: [Item] = (0..<3).map { ["id": .string("\($0)")] }
    try await engine.withClient { client in
      try await client.withTable { table in
        let first = try await client.transactWriteItems(
          TransactWriteItemsInput(
            transactItems: keys.map {
              TransactWriteItem(tableName: table, action: .put($0), conditionExpression: "attribute_not_exists(id)")
            }))
        #expect(first.consumedCapacity.isEmpty)
        let refused = TransactWriteItemsInput(
          transactItems: [
            TransactWriteItem(tableName: table, action: .delete(key: keys[0])),
            TransactWriteItem(
              tableName: table, action: .put(keys[1]), conditionExpression: "attribute_not_exists(id)",
              returnValuesOnConditionCheckFailure: .allOld),
          ])
        let error = await failure { () throws(DynamoDBError) in try await client.transactWriteItems(refused) }
        #expect(error?.code == .transactionCanceled && error?.outcomeUnknown == false)
        #expect(error?.cancellationReasons.map { $0?.code } == [nil, "ConditionalCheckFailed"])
        #expect(error?.cancellationReasons.last??.item == keys[1])
        _ = try await client.transactWriteItems(
          TransactWriteItemsInput(
            transactItems: [
              TransactWriteItem(tableName: table, action: .delete(key: keys[0])),
              TransactWriteItem(
                tableName: table, action: .update(key: keys[1], updateExpression: "SET #v = :v"), expressionAttributeNames: ["#v": "v"],
                expressionAttributeValues: [":v": .number(1)]),
              TransactWriteItem(tableName: table, action: .conditionCheck(key: keys[2]), conditionExpression: "attribute_exists(id)"),
            ]))
        let read = try await client.transactGetItems(
          TransactGetItemsInput(
            transactItems: keys.dropLast().map { TransactGetItem(tableName: table, key: $0) } + [
              TransactGetItem(tableName: table, key: keys[2], projectionExpression: "#i", expressionAttributeNames: ["#i": "id"])
            ]))
        #expect(read.responses == [nil, ["id": .string("1"), "v": .number(1)], keys[2]])
      }
    }
  }

  @Test(arguments: Engine.all.filter { !$0.has(.noPartiQL) }) func batchExecuteStatement(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        func insert(_ id: String) -> BatchStatement {
          BatchStatement(statement: "INSERT INTO \"\(table)\" VALUE {'id': ?, 'n': ?}", parameters: [.string(id), .number(1)])
        }
        _ = try await client.batchExecuteStatement(BatchExecuteStatementInput(statements: [insert("a")]))
        let output = try await client.batchExecuteStatement(
          BatchExecuteStatementInput(statements: [insert("b"), insert("a")], returnConsumedCapacity: .total))
        #expect(output.responses.map { $0.error?.code } == [nil, "DuplicateItem"] && output.responses.map(\.tableName) == [table, table])
        #expect(output.consumedCapacity.map(\.tableName) == [table])
        let read = try await client.batchExecuteStatement(
          BatchExecuteStatementInput(
            statements: ["b", "none"].map {
              BatchStatement(statement: "SELECT * FROM \"\(table)\" WHERE id = ?", parameters: [.string($0)], consistentRead: true)
            }))
        #expect(read.responses.map(\.item) == [["id": .string("b"), "n": .number(1)], nil])
      }
    }
  }
}
