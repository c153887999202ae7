import DynamoDBModel
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
}
