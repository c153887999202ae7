import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import Testing

/// The bytes of each request with everything set and with nothing but what must be, and what is read from answers.
@Suite struct OperationsTests {
  static let key: Item = ["id": .string("a")]
  static let values: AttributeMap = [":v": .bool(true)]

  @Test func smallestRequests() {
    #expect(body(GetItemInput(tableName: "t", key: Self.key)) == #"{"TableName":"t","Key":{"id":{"S":"a"}}}"#)
    #expect(body(PutItemInput(tableName: "t", item: Self.key)) == #"{"TableName":"t","Item":{"id":{"S":"a"}}}"#)
    #expect(body(UpdateItemInput(tableName: "t", key: Self.key)) == #"{"TableName":"t","Key":{"id":{"S":"a"}}}"#)
    #expect(body(DeleteItemInput(tableName: "t", key: Self.key)) == #"{"TableName":"t","Key":{"id":{"S":"a"}}}"#)
    #expect(body(ScanInput(tableName: "t")) == #"{"TableName":"t"}"#)
    #expect(body(DescribeTableInput(tableName: "t\"\n")) == #"{"TableName":"t\"\n"}"#)
    #expect(body(DeleteTableInput(tableName: "t")) == #"{"TableName":"t"}"#)
    #expect(body(QueryInput(tableName: "t", keyConditionExpression: "k")) == #"{"TableName":"t","KeyConditionExpression":"k"}"#)
    #expect(body(BatchWriteItemInput(requestItems: [:])) == #"{"RequestItems":{}}"#)
    #expect(body(TransactGetItemsInput(transactItems: [])) == #"{"TransactItems":[]}"#)
    #expect(body(TransactWriteItemsInput(transactItems: [])) == #"{"TransactItems":[]}"#)
    #expect(body(BatchExecuteStatementInput(statements: [])) == #"{"Statements":[]}"#)
    #expect(body(BatchGetItemInput(requestItems: [:])) == #"{"RequestItems":{}}"#)
  }

  @Test func getItemWithEverything() {
    let input = GetItemInput(
      tableName: "t", key: Self.key, consistentRead: true, projectionExpression: "#b,#a", expressionAttributeNames: ["#b": "y", "#a": "x"],
      returnConsumedCapacity: .indexes)
    #expect(
      body(input)
        == ##"{"TableName":"t","Key":{"id":{"S":"a"}},"ConsistentRead":true,"ProjectionExpression":"#b,#a","##
        + ##""ExpressionAttributeNames":{"#a":"x","#b":"y"},"ReturnConsumedCapacity":"INDEXES"}"##)
  }

  @Test func writesWithEverything() {
    let names = ["#a": "x"]
    let tail =
      ##""ConditionExpression":"c","ExpressionAttributeNames":{"#a":"x"},"ExpressionAttributeValues":{":v":{"BOOL":true}},"##
      + #""ReturnValues":"ALL_OLD","ReturnValuesOnConditionCheckFailure":"ALL_OLD","ReturnConsumedCapacity":"TOTAL","#
      + #""ReturnItemCollectionMetrics":"SIZE"}"#
    let put = PutItemInput(
      tableName: "t", item: Self.key, conditionExpression: "c", expressionAttributeNames: names, expressionAttributeValues: Self.values,
      returnValues: .allOld, returnValuesOnConditionCheckFailure: .allOld, returnConsumedCapacity: .total,
      returnItemCollectionMetrics: .size)
    #expect(body(put) == #"{"TableName":"t","Item":{"id":{"S":"a"}},"# + tail)
    let update = UpdateItemInput(
      tableName: "t", key: Self.key, updateExpression: "SET #a = :v", conditionExpression: "c", expressionAttributeNames: names,
      expressionAttributeValues: Self.values, returnValues: .allOld, returnValuesOnConditionCheckFailure: .allOld,
      returnConsumedCapacity: .total, returnItemCollectionMetrics: .size)
    #expect(body(update) == ##"{"TableName":"t","Key":{"id":{"S":"a"}},"UpdateExpression":"SET #a = :v","## + tail)
    let delete = DeleteItemInput(
      tableName: "t", key: Self.key, conditionExpression: "c", expressionAttributeNames: names, expressionAttributeValues: Self.values,
      returnValues: .allOld, returnValuesOnConditionCheckFailure: .allOld, returnConsumedCapacity: .total,
      returnItemCollectionMetrics: .size)
    #expect(body(delete) == #"{"TableName":"t","Key":{"id":{"S":"a"}},"# + tail)
  }

  @Test func scanWithEverything() {
    let input = ScanInput(
      tableName: "t", indexName: "i", exclusiveStartKey: Self.key, limit: 7, segment: 0, totalSegments: 4, consistentRead: false,
      filterExpression: "f", projectionExpression: "p", expressionAttributeNames: [:], expressionAttributeValues: Self.values,
      select: .count, returnConsumedCapacity: ReturnConsumedCapacity.none)
    #expect(
      body(input)
        == #"{"TableName":"t","IndexName":"i","ExclusiveStartKey":{"id":{"S":"a"}},"Limit":7,"Segment":0,"TotalSegments":4,"#
        + #""ConsistentRead":false,"FilterExpression":"f","ProjectionExpression":"p","ExpressionAttributeNames":{},"#
        + #""ExpressionAttributeValues":{":v":{"BOOL":true}},"Select":"COUNT","ReturnConsumedCapacity":"NONE"}"#)
  }

  @Test func queryWithEverything() {
    let input = QueryInput(
      tableName: "t", indexName: "i", keyConditionExpression: "k", exclusiveStartKey: Self.key, limit: 7, scanIndexForward: false,
      consistentRead: true, filterExpression: "f", projectionExpression: "p", expressionAttributeNames: ["#a": "x"],
      expressionAttributeValues: Self.values, select: .allProjectedAttributes, returnConsumedCapacity: .total)
    #expect(
      body(input)
        == #"{"TableName":"t","IndexName":"i","KeyConditionExpression":"k","ExclusiveStartKey":{"id":{"S":"a"}},"Limit":7,"#
        + #""ScanIndexForward":false,"ConsistentRead":true,"FilterExpression":"f","ProjectionExpression":"p","#
        + ##""ExpressionAttributeNames":{"#a":"x"},"ExpressionAttributeValues":{":v":{"BOOL":true}},"##
        + #""Select":"ALL_PROJECTED_ATTRIBUTES","ReturnConsumedCapacity":"TOTAL"}"#)
  }

  @Test func batchGetSortsItsTables() {
    let input = BatchGetItemInput(
      requestItems: [
        "b": KeysAndAttributes(
          keys: [Self.key, ["id": .string("c")]], consistentRead: true, projectionExpression: "#a", expressionAttributeNames: ["#a": "x"]),
        "a": KeysAndAttributes(keys: [Self.key]),
      ], returnConsumedCapacity: .total)
    #expect(
      body(input)
        == #"{"RequestItems":{"a":{"Keys":[{"id":{"S":"a"}}]},"b":{"Keys":[{"id":{"S":"a"}},{"id":{"S":"c"}}],"ConsistentRead":true,"#
        + ##""ProjectionExpression":"#a","ExpressionAttributeNames":{"#a":"x"}}},"ReturnConsumedCapacity":"TOTAL"}"##)
  }

  @Test func createTableFromKeys() {
    let keys = KeySchema(hash: .init("pk", .string), range: .init("sk", .number))
    #expect(
      body(CreateTableInput(tableName: "t", keys: keys))
        == #"{"TableName":"t","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"}],"#
        + #""KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],"BillingMode":"PAY_PER_REQUEST"}"#
    )
  }

  @Test func createTableWithEverything() {
    let element = KeySchemaElement(attributeName: "g", keyType: .hash)
    let input = CreateTableInput(
      tableName: "t", attributeDefinitions: [AttributeDefinition(attributeName: "g", attributeType: .binary)], keySchema: [element],
      billingMode: .provisioned, provisionedThroughput: ProvisionedThroughput(readCapacityUnits: 1, writeCapacityUnits: 2),
      onDemandThroughput: OnDemandThroughput(maxReadRequestUnits: 3, maxWriteRequestUnits: nil),
      warmThroughput: WarmThroughput(readUnitsPerSecond: 5, writeUnitsPerSecond: 6),
      globalSecondaryIndexes: [
        SecondaryIndex(
          indexName: "gi", keySchema: [element], projection: Projection(projectionType: .include, nonKeyAttributes: ["x", "y"]),
          provisionedThroughput: ProvisionedThroughput(readCapacityUnits: 7, writeCapacityUnits: 8))
      ],
      localSecondaryIndexes: [SecondaryIndex(indexName: "li", keySchema: [], projection: Projection(projectionType: .keysOnly))],
      deletionProtectionEnabled: true, tags: [Tag(key: "k", value: "v")])
    #expect(
      body(input)
        == #"{"TableName":"t","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"B"}],"#
        + #""KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"BillingMode":"PROVISIONED","#
        + #""ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2},"OnDemandThroughput":{"MaxReadRequestUnits":3},"#
        + #""WarmThroughput":{"ReadUnitsPerSecond":5,"WriteUnitsPerSecond":6},"#
        + #""GlobalSecondaryIndexes":[{"IndexName":"gi","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"#
        + #""Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x","y"]},"#
        + #""ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":8}}],"#
        + #""LocalSecondaryIndexes":[{"IndexName":"li","KeySchema":[],"Projection":{"ProjectionType":"KEYS_ONLY"}}],"#
        + #""DeletionProtectionEnabled":true,"Tags":[{"Key":"k","Value":"v"}]}"#)
  }

  @Test func answersOfGets() async throws {
    let output = try await answered(
      #"{"Extra":[{}],"ConsumedCapacity":{"TableName":"t","CapacityUnits":0.5},"Item":{"id":{"S":"a"}}}"#
    ) { try await $0.getItem(DynamoDBClientTests.get) }
    #expect(output.item == Self.key && output.consumedCapacity?.capacityUnits == 0.5 && output.consumedCapacity?.tableName == "t")
    #expect(try await answered(#" { "Item" : null } "#) { try await $0.getItem(DynamoDBClientTests.get) }.item == nil)
  }

  @Test func answersOfWrites() async throws {
    let text = #"""
      {"Attributes":{"id":{"S":"a"}},"ItemCollectionMetrics":{"ItemCollectionKey":{"id":{"S":"a"}},"SizeEstimateRangeGB":[0.0,1.5],"X":1},
      "ConsumedCapacity":{"TableName":"t","CapacityUnits":7.0,"ReadCapacityUnits":1,"WriteCapacityUnits":6,"Table":{"CapacityUnits":3.0},
      "GlobalSecondaryIndexes":{"g":{"CapacityUnits":4.0,"WriteCapacityUnits":4}},"LocalSecondaryIndexes":{"l":{"ReadCapacityUnits":2}}}}
      """#
    let output = try await answered(text) { try await $0.putItem(DynamoDBClientTests.put) }
    #expect(output.attributes == Self.key)
    #expect(output.itemCollectionMetrics?.itemCollectionKey == Self.key && output.itemCollectionMetrics?.sizeEstimateRangeGB == [0, 1.5])
    let capacity = try #require(output.consumedCapacity)
    #expect(capacity.capacityUnits == 7 && capacity.readCapacityUnits == 1 && capacity.writeCapacityUnits == 6)
    #expect(capacity.table?.capacityUnits == 3 && capacity.globalSecondaryIndexes["g"]?.capacityUnits == 4)
    #expect(capacity.localSecondaryIndexes["l"]?.readCapacityUnits == 2)
    let update = try await answered(text) { try await $0.updateItem(UpdateItemInput(tableName: "t", key: Self.key)) }
    #expect(update.attributes == output.attributes && update.consumedCapacity == capacity)
    let delete = try await answered(text) { try await $0.deleteItem(DeleteItemInput(tableName: "t", key: Self.key)) }
    #expect(delete.itemCollectionMetrics == output.itemCollectionMetrics)
  }

  @Test func answersOfScans() async throws {
    let output = try await answered(
      #"{"Count":1,"Items":[ {"id":{"S":"a"}} , {"id":{"S":"b"}}],"ScannedCount":9,"LastEvaluatedKey":{"id":{"S":"b"}}}"#
    ) { try await $0.scan(ScanInput(tableName: "t")) }
    #expect(output.items == [Self.key, ["id": .string("b")]] && output.count == 1 && output.scannedCount == 9)
    #expect(output.lastEvaluatedKey == ["id": .string("b")])
    let end = try await answered(#"{"Count":0,"Items":[],"ScannedCount":0}"#) { try await $0.scan(ScanInput(tableName: "t")) }
    #expect(end.items.isEmpty && end.lastEvaluatedKey == nil)
    let query = try await answered(#"{"Count":1,"Items":[{"id":{"S":"a"}}],"ScannedCount":2,"LastEvaluatedKey":{"id":{"S":"a"}}}"#) {
      try await $0.query(QueryInput(tableName: "t", keyConditionExpression: "k"))
    }
    #expect(query.items == [Self.key] && query.scannedCount == 2 && query.lastEvaluatedKey == Self.key)
  }

  @Test func answersOfBatches() async throws {
    let text = ##"""
      {"Responses":{"t\u0031":[{"id":{"S":"a"}}],"u":[]},"UnprocessedKeys":{"v":{"Keys":[{"id":{"S":"z"}}],"ConsistentRead":true,
      "ProjectionExpression":"#p","ExpressionAttributeNames":{"#p":"x"},"AttributesToGet":["y"]}},"ConsumedCapacity":[{"TableName":"t1"}]}
      """##
    let output = try await answered(text) { try await $0.batchGetItem(BatchGetItemInput(requestItems: [:])) }
    #expect(output.responses == ["t1": [Self.key], "u": []])
    #expect(
      output.unprocessedKeys == [
        "v": KeysAndAttributes(
          keys: [["id": .string("z")]], consistentRead: true, projectionExpression: "#p", expressionAttributeNames: ["#p": "x"])
      ])
    #expect(output.consumedCapacity.map(\.tableName) == ["t1"])
  }

  @Test func answersOfTables() async throws {
    let description = #"""
      {"TableName":"t","TableArn":"arn","TableId":"uuid","TableStatus":"ACTIVE","CreationDateTime":1.5E9,"ItemCount":12,"TableSizeBytes":345,
      "AttributeDefinitions":[{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"pk","AttributeType":"S"}],
      "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
      "BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2},
      "OnDemandThroughput":{"MaxReadRequestUnits":-1,"MaxWriteRequestUnits":40},"WarmThroughput":{"ReadUnitsPerSecond":12000},
      "GlobalSecondaryIndexes":[{"IndexName":"g","KeySchema":[{"AttributeName":"sk","KeyType":"HASH"}],"IndexStatus":"CREATING","Backfilling":true,
      "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["a"]},"ItemCount":1,"IndexSizeBytes":2,"OnDemandThroughput":{"MaxReadRequestUnits":3,"MaxWriteRequestUnits":-1},
      "WarmThroughput":{"WriteUnitsPerSecond":4}}],
      "LocalSecondaryIndexes":[{"IndexName":"l"}],"Replicas":[{"RegionName":"eu-west-1"}],"DeletionProtectionEnabled":true,
      "StreamSpecification":{"StreamEnabled":true,"StreamViewType":"OLD_IMAGE"},"LatestStreamArn":"stream",
      "SSEDescription":{"Status":"ENABLED","SSEType":"KMS","KMSMasterKeyArn":"key"},"TableClassSummary":{"TableClass":"STANDARD"}}
      """#
    let table = try await answered(#"{"Table":\#(description)}"#) {
      try await $0.describeTable(DescribeTableInput(tableName: "t"))
    }.table
    #expect(table.tableName == "t" && table.tableArn == "arn" && table.tableId == "uuid" && table.tableStatus == .active)
    #expect(table.keys == KeySchema(hash: .init("pk", .string), range: .init("sk", .number)))
    #expect(table.creationDateTime == 1.5e9 && table.itemCount == 12 && table.tableSizeBytes == 345)
    #expect(table.billingMode == .payPerRequest && table.provisionedThroughput?.writeCapacityUnits == 2)
    #expect(table.onDemandThroughput == OnDemandThroughput(maxReadRequestUnits: nil, maxWriteRequestUnits: 40))
    #expect(table.warmThroughput == WarmThroughput(readUnitsPerSecond: 12_000))
    #expect(table.globalSecondaryIndexes.first?.indexStatus == .creating && table.globalSecondaryIndexes.first?.backfilling == true)
    #expect(table.globalSecondaryIndexes.first?.projection == Projection(projectionType: .include, nonKeyAttributes: ["a"]))
    #expect(table.globalSecondaryIndexes.first?.onDemandThroughput == OnDemandThroughput(maxReadRequestUnits: 3))
    #expect(table.globalSecondaryIndexes.first?.warmThroughput == WarmThroughput(writeUnitsPerSecond: 4))
    #expect(table.sseSpecification == SSESpecification(enabled: true, kmsMasterKeyId: "key") && table.tableClass == .standard)
    #expect(table.localSecondaryIndexes.map(\.indexName) == ["l"] && table.replicas == ["eu-west-1"])
    #expect(
      table.streamSpecification == StreamSpecification(streamEnabled: true, streamViewType: .oldImage)
        && table.latestStreamArn == "stream" && table.deletionProtectionEnabled)
    let wrapped = #"{"TableDescription":\#(description)}"#
    let created = try await answered(wrapped) {
      try await $0.createTable(CreateTableInput(tableName: "t", keys: KeySchema(hash: .init("pk", .string))))
    }
    #expect(created.tableDescription == table)
    #expect(try await answered(wrapped) { try await $0.deleteTable(DeleteTableInput(tableName: "t")) }.tableDescription == table)
  }

  /// Whatever stands in a 200, a call ends with an error and never with a made-up answer.
  @Test(arguments: [
    "", "null", "[]", "7", "{", #"{"Item""#, #"{"Item":"#, #"{"Item":}"#, #"{"Item":{"id":{"S":"a"}}"#, #"{"Item":7}"#, #"{"Item":[]}"#,
    #"{"Item":{"id":{"Q":"a"}}}"#, #"{"Item":{"id":"a"}}"#, "{} {}", "<html></html>", #"{"Item":{"id":{"N":"1e999"}}}"#,
    "{\"Item\":{\"\u{1}\":1}}",
  ]) func unreadable(_ text: String) async throws {
    let test = try TestClient([.answer(200, text)])
    let error = await failure { () throws(DynamoDBError) in try await test.client.getItem(DynamoDBClientTests.get) }
    #expect(error?.code == .unexpectedAnswer && error?.isRetryable == false && error?.mayHaveArrived == true && error?.httpStatus == 200)
    #expect(error?.cause is DynamoDBModelError)
  }

  @Test(arguments: [
    "{}", #"{"Items":[]}"#, #"{"Items":[1],"Count":1}"#, #"{"Items":{},"Count":1}"#, #"{"Items":[{"id":{"S":"a"}}"#, #"{"Count":"1"}"#,
    #"{"Items":[{"id":{"S":"a"}},],"Count":1}"#,
  ]) func unreadableScans(_ text: String) async throws {
    let test = try TestClient([.answer(200, text)])
    let error = await failure { () throws(DynamoDBError) in try await test.client.scan(ScanInput(tableName: "t")) }
    #expect(error?.code == .unexpectedAnswer)
  }

  @Test(arguments: ["{}", #"{"Table":null}"#, #"{"Table":{"TableName":"t"}}"#, #"{"Table":{"TableStatus":"ACTIVE"}}"#, #"{"Table":{}"#])
  func unreadableTables(_ text: String) async throws {
    let test = try TestClient([.answer(200, text)])
    let error = await failure { () throws(DynamoDBError) in try await test.client.describeTable(DescribeTableInput(tableName: "t")) }
    #expect(error?.code == .unexpectedAnswer)
  }

  @Test func keysThatDoNotFitTogether() async throws {
    let text = #"{"Table":{"TableName":"t","TableStatus":"ODD","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}}"#
    let table = try await answered(text) { try await $0.describeTable(DescribeTableInput(tableName: "t")) }.table
    #expect(table.keys == nil && table.tableStatus == TableDescription.Status(rawValue: "ODD"))
  }
}
