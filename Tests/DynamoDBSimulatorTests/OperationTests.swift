import DynamoDBModel
import Testing

@testable import DynamoDBSimulator

/// One request and what must come back.
struct Exchange: Sendable, CustomTestStringConvertible {
  let operation: String
  let body: String
  /// The whole answer; its members in any order.
  let answer: String
  var status = 200

  init(_ operation: String, _ body: String, _ answer: String) {
    (self.operation, self.body, self.answer) = (operation, body, answer)
  }

  /// A `ValidationException`.
  static func invalid(_ operation: String, _ body: String, _ message: String) -> Exchange {
    refused(operation, body, "com.amazon.coral.validate#ValidationException", message)
  }

  static func refused(_ operation: String, _ body: String, _ type: String, _ message: String) -> Exchange {
    let answer = JSONValue.object([.init("__type", .string(type)), .init("message", .string(message))])
    var exchange = Exchange(operation, body, answer.text)
    exchange.status = 400
    return exchange
  }

  var testDescription: String { "\(operation) \(body.prefix(100))" }
}

@Suite("The simulated operations")
struct OperationTests {
  /// Both tables with three items in `rich`'s collection `a`.
  private static func bench() -> ServiceBench {
    var bench = ServiceBench.withTables()
    bench.succeed(
      "PutItem", #"{"TableName":"plain","Item":{"id":{"S":"a"},"n":{"N":"1.50"},"m":{"M":{"n":{"N":"1e2"},"t":{"S":"x"}}}}}"#)
    for number in 0..<3 {
      bench.succeed(
        "PutItem",
        """
        {"TableName":"rich","Item":{"pk":{"S":"a"},"sk":{"N":"\(number)"},"g":{"S":"g"},"h":{"N":"\(9 - number)"},
        "l":{"S":"l\(9 - number)"},"x":{"S":"x"},"y":{"S":"y"}}}
        """)
    }
    return bench
  }

  private static func check(_ exchange: Exchange) throws {
    var bench = bench()
    let (status, answer) = bench.send(exchange.operation, exchange.body)
    let wanted = try JSONValue(parsing: Array(exchange.answer.utf8).span).sorted
    #expect(status == exchange.status && answer == wanted, "\(answer.text)")
  }

  @Test(arguments: reads) func reading(_ exchange: Exchange) throws { try Self.check(exchange) }
  @Test(arguments: writes) func writing(_ exchange: Exchange) throws { try Self.check(exchange) }
  @Test(arguments: pages) func paging(_ exchange: Exchange) throws { try Self.check(exchange) }
  @Test(arguments: batches) func batching(_ exchange: Exchange) throws { try Self.check(exchange) }

  static let reads: [Exchange] = [
    Exchange(
      "GetItem", #"{"TableName":"plain","Key":{"id":{"S":"a"}},"ReturnConsumedCapacity":"TOTAL"}"#,
      #"""
      {"Item":{"id":{"S":"a"},"n":{"N":"1.5"},"m":{"M":{"n":{"N":"100"},"t":{"S":"x"}}}},
      "ConsumedCapacity":{"TableName":"plain","CapacityUnits":0.5}}
      """#),
    Exchange(
      "GetItem", #"{"TableName":"arn:aws:dynamodb:local:000000000000:table/plain","Key":{"id":{"S":"a"}},"ProjectionExpression":"m.n"}"#,
      #"{"Item":{"m":{"M":{"n":{"N":"100"}}}}}"#),
    Exchange(
      "GetItem", #"{"TableName":"plain","Key":{"id":{"S":"none"}},"ConsistentRead":true,"ReturnConsumedCapacity":"INDEXES"}"#,
      #"{"ConsumedCapacity":{"TableName":"plain","CapacityUnits":1.0,"Table":{"CapacityUnits":1.0}}}"#),
    .invalid("GetItem", #"{"TableName":"plain","Key":{"x":{"S":"a"}}}"#, "The provided key element does not match the schema"),
    .invalid(
      "GetItem", #"{"TableName":"plain","Key":{"id":{"S":"a"},"x":{"S":"a"}}}"#, "The provided key element does not match the schema"),
    .invalid("GetItem", #"{"TableName":"plain","Key":{"id":{"N":"x"}}}"#, "The parameter cannot be converted to a numeric value: x"),
    .invalid(
      "GetItem", "{}",
      "2 validation errors detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null; Value null at "
        + "'key' failed to satisfy constraint: Member must not be null"),
    .invalid(
      "GetItem", #"{"TableName":"plain","Key":{"id":{"S":"a"}},"AttributesToGet":["id"]}"#,
      "The legacy parameter AttributesToGet is not supported here: use ProjectionExpression"),
    .refused(
      "GetItem", #"{"TableName":"none","Key":{"id":{"S":"a"}}}"#, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      "Requested resource not found"),
    .refused(
      "DescribeTable", #"{"TableName":"none"}"#, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      "Requested resource not found: Table: none not found"),
  ]

  static let writes: [Exchange] = [
    Exchange("PutItem", #"{"TableName":"plain","Item":{"id":{"S":"b"}}}"#, "{}"),
    Exchange(
      "PutItem", #"{"TableName":"plain","Item":{"id":{"S":"a"}},"ReturnValues":"ALL_OLD"}"#,
      #"{"Attributes":{"id":{"S":"a"},"n":{"N":"1.5"},"m":{"M":{"n":{"N":"100"},"t":{"S":"x"}}}}}"#),
    // A new place in both indexes: one unit to delete, one to put.
    Exchange(
      "PutItem",
      #"""
      {"TableName":"rich","Item":{"pk":{"S":"a"},"sk":{"N":"1.0"},"g":{"S":"new"},"h":{"N":"1"},"l":{"S":"new"}},
      "ReturnConsumedCapacity":"INDEXES","ReturnItemCollectionMetrics":"SIZE"}
      """#,
      #"""
      {"ConsumedCapacity":{"TableName":"rich","CapacityUnits":5.0,"Table":{"CapacityUnits":1.0},
      "GlobalSecondaryIndexes":{"by-g":{"CapacityUnits":2.0}},"LocalSecondaryIndexes":{"by-l":{"CapacityUnits":2.0}}},
      "ItemCollectionMetrics":{"ItemCollectionKey":{"pk":{"S":"a"}},"SizeEstimateRangeGB":[0.0,1.0]}}
      """#),
    .invalid(
      "PutItem", #"{"TableName":"rich","Item":{"pk":{"S":"a"},"sk":{"N":"1"},"g":{"N":"1"}}}"#,
      "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g"),
    .invalid(
      "PutItem", #"{"TableName":"rich","Item":{"pk":{"S":"a"},"sk":{"N":"1"},"l":{"S":""}}}"#,
      "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for "
        + "a key attribute cannot contain an empty string value. IndexName: by-l, IndexKey: l"),
    .invalid(
      "PutItem", #"{"TableName":"plain","Item":{"id":{"S":"a"},"n":{"N":"1E126"}}}"#,
      "1 validation error detected: Number overflow. Attempting to store a number with magnitude larger than supported range"),
    .invalid(
      "PutItem", #"{"TableName":"plain","Item":{"id":{"S":"a"},"l":{"L":[{"NS":["1","1.0"]}]}}}"#,
      "1 validation error detected: One or more parameter values were invalid: Input collection contains duplicates."),
    .invalid(
      "PutItem", #"{"TableName":"plain","Item":{"id":{"S":"a"}},"ConditionExpression":"bad bad"}"#,
      "1 validation error detected: Invalid ConditionExpression: Syntax error; token: \"bad\", near: \"bad bad\""),
    .invalid(
      "PutItem", #"{"TableName":"plain","Item":{"id":{"S":"a"}},"Expected":{},"ConditionExpression":"attribute_exists(id)"}"#,
      "1 validation error detected: Can not use both expression and non-expression parameters in the same request: Non-expression "
        + "parameters: {Expected} Expression parameters: {ConditionExpression}"),
    Exchange(
      "UpdateItem",
      #"""
      {"TableName":"plain","Key":{"id":{"S":"a"}},"UpdateExpression":"SET m.n = m.n + :one, q = :one REMOVE n",
      "ExpressionAttributeValues":{":one":{"N":"1"}},"ReturnValues":"UPDATED_NEW"}
      """#, #"{"Attributes":{"m":{"M":{"n":{"N":"101"}}},"q":{"N":"1"}}}"#),
    Exchange(
      "UpdateItem", #"{"TableName":"plain","Key":{"id":{"S":"new"}},"ReturnValues":"ALL_NEW"}"#, #"{"Attributes":{"id":{"S":"new"}}}"#),
    .invalid(
      "UpdateItem",
      #"{"TableName":"plain","Key":{"id":{"S":"a"}},"UpdateExpression":"SET id = :a","ExpressionAttributeValues":{":a":{"S":"b"}}}"#,
      "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"),
    Exchange(
      "DeleteItem", #"{"TableName":"plain","Key":{"id":{"S":"a"}},"ReturnValues":"ALL_OLD","ConditionExpression":"attribute_exists(n)"}"#,
      #"{"Attributes":{"id":{"S":"a"},"n":{"N":"1.5"},"m":{"M":{"n":{"N":"100"},"t":{"S":"x"}}}}}"#),
    .invalid(
      "DeleteItem", #"{"TableName":"plain","Key":{"id":{"S":"a"}},"ReturnValues":"ALL_NEW"}"#,
      "1 validation error detected: ReturnValues can only be ALL_OLD or NONE"),
  ]

  static let pages: [Exchange] = [
    Exchange(
      "Query",
      #"""
      {"TableName":"rich","KeyConditionExpression":"pk = :a AND sk > :n","ExpressionAttributeValues":{":a":{"S":"a"},":n":{"N":"0"}},
      "ProjectionExpression":"sk","ScanIndexForward":false,"ReturnConsumedCapacity":"TOTAL"}
      """#,
      #"""
      {"Items":[{"sk":{"N":"2"}},{"sk":{"N":"1"}}],"Count":2,"ScannedCount":2,
      "ConsumedCapacity":{"TableName":"rich","CapacityUnits":0.5}}
      """#),
    Exchange(
      "Query",
      #"""
      {"TableName":"rich","IndexName":"by-g","KeyConditionExpression":"g = :a","ExpressionAttributeValues":{":a":{"S":"g"}},"Limit":1,
      "ReturnConsumedCapacity":"INDEXES"}
      """#,
      #"""
      {"Items":[{"pk":{"S":"a"},"sk":{"N":"2"},"g":{"S":"g"},"h":{"N":"7"}}],"Count":1,"ScannedCount":1,
      "LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"N":"2"},"g":{"S":"g"},"h":{"N":"7"}},
      "ConsumedCapacity":{"TableName":"rich","CapacityUnits":0.5,"Table":{"CapacityUnits":0.0},
      "GlobalSecondaryIndexes":{"by-g":{"CapacityUnits":0.5}}}}
      """#),
    Exchange(
      "Query",
      #"""
      {"TableName":"rich","IndexName":"by-g","KeyConditionExpression":"g = :a AND h < :n",
      "ExpressionAttributeValues":{":a":{"S":"g"},":n":{"N":"9"}},"Select":"COUNT",
      "ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"N":"2"},"g":{"S":"g"},"h":{"N":"7"}}}
      """#, #"{"Count":1,"ScannedCount":1}"#),
    // What the local index lacks comes from the table, at its price.
    Exchange(
      "Query",
      #"""
      {"TableName":"rich","IndexName":"by-l","KeyConditionExpression":"pk = :a AND begins_with(l, :l)",
      "ExpressionAttributeValues":{":a":{"S":"a"},":l":{"S":"l7"}},"ProjectionExpression":"y","ReturnConsumedCapacity":"INDEXES"}
      """#,
      #"""
      {"Items":[{"y":{"S":"y"}}],"Count":1,"ScannedCount":1,"ConsumedCapacity":{"TableName":"rich","CapacityUnits":1.0,
      "Table":{"CapacityUnits":0.5},"LocalSecondaryIndexes":{"by-l":{"CapacityUnits":0.5}}}}
      """#),
    Exchange(
      "Query",
      #"""
      {"TableName":"rich","KeyConditionExpression":"pk = :a","FilterExpression":"h = :h",
      "ExpressionAttributeValues":{":a":{"S":"a"},":h":{"N":"8"}},"ProjectionExpression":"h","Limit":2}
      """#,
      #"{"Items":[{"h":{"N":"8"}}],"Count":1,"ScannedCount":2,"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"N":"1"}}}"#),
    .invalid(
      "Query",
      #"""
      {"TableName":"rich","IndexName":"by-g","KeyConditionExpression":"g = :a","ExpressionAttributeValues":{":a":{"S":"g"}},
      "ConsistentRead":true}
      """#, "Consistent reads are not supported on global secondary indexes"),
    .invalid(
      "Query",
      #"{"TableName":"rich","IndexName":"none","KeyConditionExpression":"g = :a","ExpressionAttributeValues":{":a":{"S":"g"}}}"#,
      "The table does not have the specified index: none"),
    .invalid(
      "Query",
      #"""
      {"TableName":"rich","KeyConditionExpression":"pk = :a","FilterExpression":"sk = :n",
      "ExpressionAttributeValues":{":a":{"S":"a"},":n":{"N":"8"}}}
      """#, "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk"),
    .invalid(
      "Query",
      #"""
      {"TableName":"rich","KeyConditionExpression":"pk = :a","ExpressionAttributeValues":{":a":{"S":"a"}},
      "ExclusiveStartKey":{"pk":{"S":"b"},"sk":{"N":"1"}}}
      """#, "The provided starting key is outside query boundaries based on provided conditions"),
    .invalid(
      "Query", #"{"TableName":"rich","KeyConditions":{}}"#,
      "The legacy parameter KeyConditions is not supported here: use ProjectionExpression, FilterExpression, KeyConditionExpression"),
    Exchange(
      "Scan", #"{"TableName":"rich","IndexName":"by-g","Select":"COUNT","ReturnConsumedCapacity":"TOTAL"}"#,
      #"{"Count":3,"ScannedCount":3,"ConsumedCapacity":{"TableName":"rich","CapacityUnits":0.5}}"#),
    .invalid(
      "Scan", #"{"TableName":"rich","Segment":1}"#,
      "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"),
    .invalid(
      "Scan", #"{"TableName":"rich","Segment":0,"TotalSegments":1000001}"#,
      "1 validation error detected: Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or "
        + "equal to 1000000"),
  ]

  static let batches: [Exchange] = [
    Exchange(
      "BatchGetItem",
      #"""
      {"RequestItems":{"plain":{"Keys":[{"id":{"S":"a"}},{"id":{"S":"z"}}],"ProjectionExpression":"n"},
      "rich":{"Keys":[{"pk":{"S":"a"},"sk":{"N":"0"}}],"ConsistentRead":true,"ProjectionExpression":"y"}},
      "ReturnConsumedCapacity":"TOTAL"}
      """#,
      #"""
      {"Responses":{"plain":[{"n":{"N":"1.5"}}],"rich":[{"y":{"S":"y"}}]},"UnprocessedKeys":{},
      "ConsumedCapacity":[{"TableName":"plain","CapacityUnits":1.0},{"TableName":"rich","CapacityUnits":1.0}]}
      """#),
    .invalid(
      "BatchGetItem", #"{"RequestItems":{"plain":{"Keys":[{"id":{"S":"a"}},{"id":{"S":"a"}}]}}}"#,
      "Provided list of item keys contains duplicates"),
    Exchange(
      "BatchWriteItem",
      #"""
      {"RequestItems":{"plain":[{"PutRequest":{"Item":{"id":{"S":"b"}}}},{"DeleteRequest":{"Key":{"id":{"S":"a"}}}}]},
      "ReturnConsumedCapacity":"TOTAL"}
      """#, #"{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"plain","CapacityUnits":2.0}]}"#),
    .invalid(
      "BatchWriteItem",
      #"{"RequestItems":{"plain":[{"PutRequest":{"Item":{"id":{"S":"a"}}}},{"DeleteRequest":{"Key":{"id":{"S":"a"}}}}]}}"#,
      "Provided list of item keys contains duplicates"),
    .invalid(
      "BatchWriteItem", #"{"RequestItems":{"plain":[{"PutRequest":{"Item":{"x":{"S":"a"}}}}]}}"#,
      "The provided key element does not match the schema"),
    Exchange(
      "TransactGetItems",
      #"""
      {"TransactItems":[{"Get":{"TableName":"plain","Key":{"id":{"S":"a"}},"ProjectionExpression":"n"}},
      {"Get":{"TableName":"plain","Key":{"id":{"S":"z"}}}}],"ReturnConsumedCapacity":"TOTAL"}
      """#,
      #"""
      {"Responses":[{"Item":{"n":{"N":"1.5"}}},{}],
      "ConsumedCapacity":[{"TableName":"plain","CapacityUnits":4.0,"ReadCapacityUnits":4.0}]}
      """#),
    .invalid(
      "TransactWriteItems",
      #"""
      {"TransactItems":[{"Put":{"TableName":"plain","Item":{"id":{"S":"a"}}}},{"Delete":{"TableName":"plain","Key":{"id":{"S":"a"}}}}]}
      """#, "Transaction request cannot include multiple operations on one item"),
    .invalid(
      "TransactWriteItems", #"{"TransactItems":[{}]}"#,
      "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"),
    Exchange(
      "BatchExecuteStatement",
      #"""
      {"Statements":[{"Statement":"INSERT INTO \"plain\" VALUE {'id': ?}","Parameters":[{"S":"b"}]},
      {"Statement":"INSERT INTO \"plain\" VALUE {'id': 'a'}"},{"Statement":"INSERT INTO \"none\" VALUE {'id': 'a'}"},
      {"Statement":"INSERT INTO \"plain\" VALUE {'n': 1}"},{"Statement":"INSERT INTO \"plain\" VALUE {'id': ?}"}],
      "ReturnConsumedCapacity":"TOTAL"}
      """#,
      #"""
      {"Responses":[{"TableName":"plain"},
      {"TableName":"plain","Error":{"Code":"DuplicateItem","Message":"Duplicate primary key exists in table"}},
      {"TableName":"none","Error":{"Code":"ResourceNotFound","Message":"Requested resource not found"}},
      {"Error":{"Code":"ValidationError","Message":"One or more parameter values were invalid: Missing the key id in the item"}},
      {"Error":{"Code":"ValidationError","Message":"Number of parameters in request and statement don't match."}}],
      "ConsumedCapacity":[{"TableName":"plain","CapacityUnits":2.0}]}
      """#),
    .invalid(
      "BatchExecuteStatement",
      #"""
      {"Statements":[{"Statement":"INSERT INTO \"rich\" VALUE {'pk': 'n', 'sk': 1}"},
      {"Statement":"INSERT INTO \"rich\" VALUE {'pk': 'n', 'sk': 1.0}"}]}
      """#, "Provided list of item keys contains duplicates"),
    .invalid(
      "BatchExecuteStatement",
      #"{"Statements":[{"Statement":"SELECT * FROM plain WHERE id='a'"},{"Statement":"INSERT INTO plain VALUE {'id': 'c'}"}]}"#,
      "Read and write requests together in the same batch is not supported."),
  ]
}
