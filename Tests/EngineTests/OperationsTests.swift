import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import Testing

/// One case for each operation, on every engine.
@Suite(.timeLimit(.minutes(5))) struct OperationsTests {
  static let composite = KeySchema(hash: .init("pk", .string), range: .init("sk", .number))

  @Test(arguments: Engine.all) func createDescribeDeleteTable(_ engine: Engine) async throws {
    try await engine.withClient { client in
      let name = "made-and-gone"
      _ = try? await client.deleteTable(DeleteTableInput(tableName: name))
      try await client.wait(for: .gone, of: name, policy: .quick)
      let created = try await client.createTable(
        CreateTableInput(
          tableName: name,
          attributeDefinitions: [
            AttributeDefinition(attributeName: "pk", attributeType: .string),
            AttributeDefinition(attributeName: "sk", attributeType: .number),
            AttributeDefinition(attributeName: "g", attributeType: .binary),
          ],
          keySchema: [
            KeySchemaElement(attributeName: "pk", keyType: .hash), KeySchemaElement(attributeName: "sk", keyType: .range),
          ],
          billingMode: .provisioned, provisionedThroughput: ProvisionedThroughput(readCapacityUnits: 5, writeCapacityUnits: 6),
          globalSecondaryIndexes: [
            SecondaryIndex(
              indexName: "by-g", keySchema: [KeySchemaElement(attributeName: "g", keyType: .hash)],
              projection: Projection(projectionType: .keysOnly),
              provisionedThroughput: ProvisionedThroughput(readCapacityUnits: 1, writeCapacityUnits: 1))
          ]))
      #expect(created.tableDescription.tableName == name)
      try await client.wait(for: .active, of: name, policy: .quick)
      let table = try await client.describeTable(DescribeTableInput(tableName: name)).table
      #expect(table.keys == Self.composite && table.itemCount == 0 && table.tableArn?.contains(name) == true)
      #expect(table.provisionedThroughput == ProvisionedThroughput(readCapacityUnits: 5, writeCapacityUnits: 6))
      #expect(table.globalSecondaryIndexes.map(\.indexName) == ["by-g"])
      #expect(table.globalSecondaryIndexes.first?.projection?.projectionType == .keysOnly)

      let again = await failure { () throws(DynamoDBError) in
        try await client.createTable(CreateTableInput(tableName: name, keys: Self.composite))
      }
      #expect(again?.code == .resourceInUse && again?.outcomeUnknown == false)

      let deleted = try await client.deleteTable(DeleteTableInput(tableName: name))
      #expect(deleted.tableDescription.tableName == name)
      try await client.wait(for: .gone, of: name, policy: .quick)
      let gone = await failure { () throws(DynamoDBError) in try await client.deleteTable(DeleteTableInput(tableName: name)) }
      #expect(gone?.code == .resourceNotFound && gone?.requestID != nil && gone?.httpStatus == 400)
    }
  }

  /// Every type goes there and back, nested too, with awkward texts.
  @Test(arguments: Engine.all) func putAndGetEveryType(_ engine: Engine) async throws {
    let item: Item = [
      "id": .string("ключ \"\\\n\u{1F600}\u{7F}"), "n": .number(try DynamoDBNumber("-12345678901234567890123456789012345678")),
      "small": .number(try DynamoDBNumber("1e-130")), "b": .binary([0, 1, 255]), "t": .bool(true), "f": .bool(false), "null": .null,
      "empty": .string(""), "emptyList": .list([]), "emptyMap": .map([:]),
      "list": .list([.string("a"), .null, .map(["x": .list([.bool(true)])])]),
      "ss": .stringSet(["b", "a", "ü"]), "ns": .numberSet([DynamoDBNumber(3), try DynamoDBNumber("1.5"), DynamoDBNumber(-2)]),
      "bs": .binarySet([[2], [1, 1]]), "odd name.#:\"\u{E9}": .number(DynamoDBNumber(7)),
    ]
    let key: Item = ["id": try #require(item["id"])]
    try await engine.withClient { client in
      try await client.withTable { table in
        let put = try await client.putItem(
          PutItemInput(tableName: table, item: item, returnValues: .allOld, returnConsumedCapacity: .total))
        #expect(put.attributes == nil && put.consumedCapacity?.capacityUnits == 1 && put.consumedCapacity?.tableName == table)
        let got = try await client.getItem(
          GetItemInput(tableName: table, key: key, consistentRead: true, returnConsumedCapacity: .total))
        #expect(got.item == item && got.consumedCapacity?.capacityUnits == (engine.has(.flatCapacity) ? 0.5 : 1))
        let path = engine.has(.noPathsBehindAliases) ? "list[2].x" : "#l[2].x"
        let part = try await client.getItem(
          GetItemInput(
            tableName: table, key: key, projectionExpression: "\(path), #n",
            expressionAttributeNames: engine.has(.noPathsBehindAliases) ? ["#n": "n"] : ["#l": "list", "#n": "n"]))
        #expect(part.item == ["n": try #require(item["n"]), "list": .list([.map(["x": .list([.bool(true)])])])])
        let none = try await client.getItem(GetItemInput(tableName: table, key: ["id": .string("none")]))
        #expect(none.item == nil)
        let replaced = try await client.putItem(PutItemInput(tableName: table, item: key, returnValues: .allOld))
        #expect(replaced.attributes == item)
      }
    }
  }

  @Test(arguments: Engine.all) func capacityOfPuts(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        for kilobytes in [1, 3, 49] {
          let item: Item = ["id": .string("a"), "x": .string(String(repeating: "x", count: kilobytes * 1_024 - 10))]
          let put = try await client.putItem(PutItemInput(tableName: table, item: item, returnConsumedCapacity: .total))
          #expect(put.consumedCapacity?.capacityUnits == (engine.has(.flatCapacity) ? 1 : Double(kilobytes)))
        }
      }
    }
  }

  @Test(arguments: Engine.all) func updateItem(_ engine: Engine) async throws {
    let key: Item = ["pk": .string("a"), "sk": .number(1)]
    try await engine.withClient { client in
      try await client.withTable(Self.composite) { table in
        let made = try await client.updateItem(
          UpdateItemInput(
            tableName: table, key: key, updateExpression: "SET #n = :one, gone = :text ADD tags :tags",
            expressionAttributeNames: ["#n": "name"],
            expressionAttributeValues: [":one": .number(1), ":text": .string("x"), ":tags": .stringSet(["p", "q"])], returnValues: .allNew))
        #expect(
          made.attributes == [
            "pk": .string("a"), "sk": .number(1), "name": .number(1), "gone": .string("x"), "tags": .stringSet(["q", "p"]),
          ])
        let changed = try await client.updateItem(
          UpdateItemInput(
            tableName: table, key: key, updateExpression: "SET #n = #n + :one REMOVE gone DELETE tags :tag",
            conditionExpression: "attribute_exists(gone)", expressionAttributeNames: ["#n": "name"],
            expressionAttributeValues: [":one": .number(1), ":tag": .stringSet(["p"])], returnValues: .updatedNew))
        #expect(changed.attributes?["name"] == .number(2))
        let item = try await client.getItem(GetItemInput(tableName: table, key: key, consistentRead: true)).item
        #expect(item == ["pk": .string("a"), "sk": .number(1), "name": .number(2), "tags": .stringSet(["q"])])
      }
    }
  }

  @Test(arguments: Engine.all) func deleteItem(_ engine: Engine) async throws {
    let key: Item = ["id": .string("a")]
    let item: Item = ["id": .string("a"), "x": .bool(true)]
    try await engine.withClient { client in
      try await client.withTable { table in
        _ = try await client.putItem(PutItemInput(tableName: table, item: item))
        let deleted = try await client.deleteItem(
          DeleteItemInput(
            tableName: table, key: key, conditionExpression: "x = :t", expressionAttributeValues: [":t": .bool(true)],
            returnValues: .allOld,
            returnConsumedCapacity: .total))
        #expect(deleted.attributes == item && deleted.consumedCapacity?.capacityUnits == 1)
        let again = try await client.deleteItem(DeleteItemInput(tableName: table, key: key, returnValues: .allOld))
        #expect(again.attributes == nil)
      }
    }
  }

  @Test(arguments: Engine.all) func scan(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable(Self.composite) { table in
        var wanted: Set<Item> = []
        for number in 0..<60 {
          let item: Item = ["pk": .string("p\(number % 20)"), "sk": .number(DynamoDBNumber(number)), "x": .bool(number % 3 == 0)]
          wanted.insert(item)
          _ = try await client.putItem(PutItemInput(tableName: table, item: item))
        }
        var found: [Item] = []
        for segment in 0..<4 {
          var start: Item?
          repeat {
            let page = try await client.scan(
              ScanInput(tableName: table, exclusiveStartKey: start, limit: 7, segment: segment, totalSegments: 4, consistentRead: true))
            #expect(page.count == page.items.count && page.count <= 7)
            found += page.items
            start = page.lastEvaluatedKey
          } while start != nil
        }
        #expect(found.count == 60 && Set(found) == wanted)

        let filtered = try await client.scan(
          ScanInput(
            tableName: table, filterExpression: "x = :t", projectionExpression: "pk, #s", expressionAttributeNames: ["#s": "sk"],
            expressionAttributeValues: [":t": .bool(true)], returnConsumedCapacity: .total))
        #expect(filtered.count == 20 && filtered.scannedCount == 60 && filtered.items.allSatisfy { $0.count == 2 })
        #expect(filtered.consumedCapacity?.capacityUnits != nil)
        let counted = try await client.scan(ScanInput(tableName: table, select: .count))
        #expect(counted.count == 60 && counted.items.isEmpty)
      }
    }
  }

  /// The bytes of a page hold the same items as values, and its raw end key leads to the next page.
  @Test(arguments: Engine.all) func scanPage(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let ids = (0..<30).map { "id \"\($0)\"" }
        for id in ids { _ = try await client.putItem(PutItemInput(tableName: table, item: ["id": .string(id), "x": .string("dropped")])) }
        var found: [Item] = []
        var start: [UInt8]?
        repeat {
          let page = try await client.scanPage(ScanPageInput(table: table, exclusiveStartKey: start, limit: 11, projection: ["id"]))
          start = try Self.read(page, into: &found)
        } while start != nil
        #expect(found.count == 30 && Set(found) == Set(ids.map { ["id": .string($0)] }))
      }
    }
  }

  private static func read(_ page: borrowing ScanPage, into items: inout [Item]) throws -> [UInt8]? {
    let bytes = page.bytes.span.extracting(page.body)
    var reader = try ScanPageReader(bytes)
    var tape = ItemTape()
    while try reader.next(&tape, bytes) { items.append(AttributeMap(tape, bytes)) }
    #expect(reader.count == reader.itemsRead && reader.capacityUnits != nil)
    return reader.lastEvaluatedKey.map { range in range.map { bytes[$0] } }
  }

  @Test(arguments: Engine.all) func batchGetItem(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { first in
        try await client.withTable(Self.composite) { second in
          let one: Item = ["id": .string("a"), "x": .bool(true)]
          let two: Item = ["pk": .string("a"), "sk": .number(1)]
          _ = try await client.putItem(PutItemInput(tableName: first, item: one))
          _ = try await client.putItem(PutItemInput(tableName: second, item: two))
          let output = try await client.batchGetItem(
            BatchGetItemInput(
              requestItems: [
                first: KeysAndAttributes(keys: [["id": .string("a")], ["id": .string("none")]], consistentRead: true),
                second: KeysAndAttributes(keys: [two], projectionExpression: "#s", expressionAttributeNames: ["#s": "sk"]),
              ], returnConsumedCapacity: .total))
          #expect(output.responses == [first: [one], second: [["sk": .number(1)]]] && output.unprocessedKeys.isEmpty)
          #expect(Set(output.consumedCapacity.compactMap(\.tableName)) == (engine.has(.noBatchCapacity) ? [] : [first, second]))
        }
      }
    }
  }

  /// 24 MB of items: an answer holds 16 MB, the rest comes back as keys that another request takes as they are.
  @Test(arguments: Engine.all) func batchGetItemBeyondItsLimit(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let text = String(repeating: "x", count: 390_000)
        for number in 0..<60 {
          _ = try await client.putItem(PutItemInput(tableName: table, item: ["id": .string("\(number)"), "x": .string(text)]))
        }
        var wanted = [table: KeysAndAttributes(keys: (0..<60).map { ["id": .string("\($0)")] }, consistentRead: true)]
        var found: Set<AttributeValue> = []
        var requests = 0
        while !wanted.isEmpty, requests < 60 {
          let output = try await client.batchGetItem(BatchGetItemInput(requestItems: wanted))
          for item in output.responses[table] ?? [] {
            #expect(item["x"] == .string(text))
            found.insert(try #require(item["id"]))
          }
          wanted = output.unprocessedKeys
          requests += 1
        }
        #expect(found.count == 60 && (engine.has(.smallBatches) ? requests > 2 : requests == (engine.has(.largeBatches) ? 1 : 2)))
      }
    }
  }
}
