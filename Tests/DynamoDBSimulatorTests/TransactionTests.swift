import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import Testing

@testable import DynamoDBSimulator

@Suite("Simulated transactions")
struct TransactionTests {
  private static let put = #"{"Put":{"TableName":"plain","Item":{"id":{"S":"new"}}}}"#

  private static func transaction(_ parts: String, token: String? = nil) -> String {
    #"{"TransactItems":[\#(parts)]\#(token.map { #","ClientRequestToken":"\#($0)""# } ?? ""),"ReturnConsumedCapacity":"TOTAL"}"#
  }

  @Test func aRefusalSaysEachPartsReasonAndChangesNothing() {
    var bench = ServiceBench.withTables()
    bench.succeed("PutItem", #"{"TableName":"plain","Item":{"id":{"S":"a"},"n":{"N":"7"}}}"#)
    let parts = """
      \(Self.put),{"ConditionCheck":{"TableName":"plain","Key":{"id":{"S":"a"}},"ConditionExpression":"attribute_not_exists(id)",
      "ReturnValuesOnConditionCheckFailure":"ALL_OLD"}},{"Update":{"TableName":"plain","Key":{"id":{"S":"b"}},
      "UpdateExpression":"SET x = y"}},{"Delete":{"TableName":"plain","Key":{"x":{"S":"b"}}}}
      """
    let (status, answer) = bench.send("TransactWriteItems", Self.transaction(parts))
    #expect(status == 400)
    #expect(
      answer["Message"]?.string
        == "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, "
        + "ValidationError, ValidationError]")
    let reasons = answer["CancellationReasons"]?.array ?? []
    #expect(reasons.map { $0["Code"]?.string } == ["None", "ConditionalCheckFailed", "ValidationError", "ValidationError"])
    #expect(reasons[1]["Item"]?.text == #"{"id":{"S":"a"},"n":{"N":"7"}}"# && reasons[0]["Message"] == nil)
    #expect(bench.service.items(in: "plain").count == 1)
  }

  @Test func aTokenMakesARequestGoOnceForTenMinutes() {
    var bench = ServiceBench.withTables()
    let first = bench.succeed("TransactWriteItems", Self.transaction(Self.put, token: "t"))
    #expect(first["ConsumedCapacity"]?[0]?["WriteCapacityUnits"]?.double == 2)
    bench.succeed("DeleteItem", #"{"TableName":"plain","Key":{"id":{"S":"new"}}}"#)
    bench.now += 599_999
    let again = bench.succeed("TransactWriteItems", Self.transaction(Self.put, token: "t"))
    #expect(again["ConsumedCapacity"]?[0]?["ReadCapacityUnits"]?.double == 2 && bench.service.items(in: "plain").isEmpty)
    let other = #"{"Put":{"TableName":"plain","Item":{"id":{"S":"other"}}}}"#
    let (_, mismatch) = bench.send("TransactWriteItems", Self.transaction(other, token: "t"))
    #expect(mismatch["__type"]?.string?.hasSuffix("#IdempotentParameterMismatchException") == true)
    bench.now += 1
    bench.succeed("TransactWriteItems", Self.transaction(other, token: "t"))
    #expect(bench.service.items(in: "plain") == [["id": "other"]])
  }

  @Test(arguments: [(11, 400_000), (101, 1)]) func isBounded(_ count: Int, _ size: Int) {
    var bench = ServiceBench.withTables()
    let text = String(repeating: "x", count: size)
    let parts = (0..<count).map { #"{"Put":{"TableName":"plain","Item":{"id":{"S":"\#($0)"},"t":{"S":"\#(text)"}}}}"# }
    #expect(bench.send("TransactWriteItems", Self.transaction(parts.joined(separator: ","))).status == 400)
    #expect(bench.service.items(in: "plain").isEmpty)
  }

  // MARK: Under way

  /// Requests for an item that a transaction holds, and the refusal of each: nil where it isn't refused.
  static let meetings: [(operation: String, body: String, refusal: String?)] = [
    ("PutItem", #"{"TableName":"plain","Item":{"id":{"S":"new"}}}"#, "TransactionConflictException"),
    (
      "UpdateItem", #"{"TableName":"plain","Key":{"id":{"S":"new"}},"UpdateExpression":"REMOVE x"}"#, "TransactionConflictException"
    ),
    (
      "DeleteItem",
      #"{"TableName":"plain","Key":{"id":{"S":"new"}},"ConditionExpression":"attribute_exists(x)"}"#, "TransactionConflictException"
    ),
    ("PutItem", #"{"TableName":"plain","Item":{"id":{"S":"other"}}}"#, nil),
    ("GetItem", #"{"TableName":"plain","Key":{"id":{"S":"new"}}}"#, nil),
    ("TransactWriteItems", transaction(put), "TransactionCanceledException"),
    (
      "TransactGetItems", #"{"TransactItems":[{"Get":{"TableName":"plain","Key":{"id":{"S":"new"}}}}]}"#, "TransactionCanceledException"
    ),
  ]

  @Test("Until a transaction ends, requests for its items meet a conflict; reads of single items don't", arguments: meetings)
  func conflicts(_ operation: String, _ body: String, _ refusal: String?) {
    var bench = ServiceBench.withTables { $0.transactionTime = 50 }
    bench.succeed("TransactWriteItems", Self.transaction(Self.put, token: "t"))
    bench.now += 49
    let (status, answer) = bench.send(operation, body)
    #expect((status == 400) == (refusal != nil))
    if let refusal { #expect(answer["__type"]?.string?.hasSuffix("#\(refusal)") == true) }
    if refusal == "TransactionCanceledException" {
      #expect(answer["CancellationReasons"]?[0]?["Code"]?.string == "TransactionConflict")
    }
    bench.now += 1
    bench.succeed(operation, body.replacing("attribute_exists", with: "attribute_not_exists"))
  }

  @Test("A batch leaves what a transaction holds unprocessed, and a statement says so")
  func batchesMeetConflicts() {
    var bench = ServiceBench.withTables { $0.transactionTime = 50 }
    bench.succeed("TransactWriteItems", Self.transaction(Self.put))
    let put = #"{"PutRequest":{"Item":{"id":{"S":"new"}}}},{"PutRequest":{"Item":{"id":{"S":"b"}}}}"#
    let answer = bench.succeed("BatchWriteItem", #"{"RequestItems":{"plain":[\#(put)]}}"#)
    #expect(answer["UnprocessedItems"]?["plain"]?.array?.count == 1)
    let insert = #"INSERT INTO \"plain\" VALUE {'id': 'new'}"#
    let outcome = bench.succeed("BatchExecuteStatement", #"{"Statements":[{"Statement":"\#(insert)"}]}"#)
    #expect(outcome["Responses"]?[0]?["Error"]?["Code"]?.string == "TransactionConflict")
  }

  @Test("A token whose transaction is under way is in progress; the same token for another one is a mismatch")
  func tokensUnderWay() {
    var bench = ServiceBench.withTables { $0.transactionTime = 50 }
    bench.succeed("TransactWriteItems", Self.transaction(Self.put, token: "t"))
    let (_, underWay) = bench.send("TransactWriteItems", Self.transaction(Self.put, token: "t"))
    #expect(underWay["__type"]?.string?.hasSuffix("#TransactionInProgressException") == true)
    let (_, mismatch) = bench.send("TransactWriteItems", Self.transaction(Self.put + "," + Self.put, token: "t"))
    #expect(mismatch["__type"]?.string?.hasSuffix("#IdempotentParameterMismatchException") == true)
    bench.now += 50
    bench.succeed("TransactWriteItems", Self.transaction(Self.put, token: "t"))
    #expect(bench.service.writeCount == 1)
  }

  @Test("A cancelled transaction leaves its token free") func cancelledTokens() {
    var bench = ServiceBench.withTables()
    let check = #"{"ConditionCheck":{"TableName":"plain","Key":{"id":{"S":"c"}},"ConditionExpression":"attribute_exists(id)"}}"#
    #expect(bench.send("TransactWriteItems", Self.transaction("\(Self.put),\(check)", token: "t")).status == 400)
    bench.succeed("TransactWriteItems", Self.transaction(Self.put, token: "t"))
  }

  @Test("A snapshot keeps the tokens of transactions that were carried out") func snapshotsKeepTokens() async throws {
    let item: Item = ["id": "a", "n": 1]
    func input(_ table: String) -> TransactWriteItemsInput {
      .init(
        transactItems: [
          .init(tableName: table, action: .update(key: ["id": "a"], updateExpression: "ADD n :n"), expressionAttributeValues: [":n": 1])
        ],
        clientRequestToken: "t", returnConsumedCapacity: .indexes)
    }
    let first = DynamoDBSimulator()
    _ = try await first.client().createTable(CreateTableInput(tableName: "plain", keys: KeySchema(hash: .init("id", .string))))
    let answer = try await first.client().transactWriteItems(input("plain"))
    var reader = SnapshotReader()
    var payloads: [[UInt8]] = []
    first.snapshot().snapshot.write { payloads.append([UInt8](copying: $0)) }
    for payload in payloads {
      let isRead = reader.read(payload.span)
      #expect(isRead)
    }
    let second = DynamoDBSimulator()
    second.restore(reader)
    let again = try await second.client().transactWriteItems(input("plain"))
    #expect(second.items(in: "plain") == [item], "the token is known: nothing was added twice")
    #expect(answer.consumedCapacity.count == 1 && again.consumedCapacity.count == 1)
    #expect(answer.consumedCapacity[0].capacityUnits == again.consumedCapacity[0].capacityUnits)
  }

  @Test("Clients that were given no seed draw tokens of their own: equal transactions of two of them are two")
  func clientsDrawTheirOwnTokens() async throws {
    let simulator = DynamoDBSimulator()
    _ = try await simulator.client().createTable(CreateTableInput(tableName: "plain", keys: KeySchema(hash: .init("id", .string))))
    for _ in 0..<2 {
      _ = try await simulator.client().transactWriteItems(
        .init(transactItems: [
          .init(
            tableName: "plain", action: .update(key: ["id": "a"], updateExpression: "ADD n :n"), expressionAttributeValues: [":n": 1])
        ]))
    }
    #expect(simulator.items(in: "plain") == [["id": "a", "n": 2]])
  }
}
