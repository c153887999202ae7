import DynamoDBModel
import Testing

@testable import DynamoDBSimulator

@Suite("The life of a simulated table")
struct TableLifeTests {
  private static func describe(_ bench: inout ServiceBench, _ table: String) -> JSONValue? {
    bench.send("DescribeTable", #"{"TableName":"\#(table)"}"#).answer["Table"]
  }

  @Test func takesItsTimeToBeMadeChangedAndDeleted() {
    var bench = ServiceBench.withTables { $0.settlingTime = 1_000 }
    let put = #"{"TableName":"plain","Item":{"id":{"S":"a"},"g":{"S":"x"}}}"#
    #expect(Self.describe(&bench, "plain")?["TableStatus"] == "CREATING")
    #expect(bench.send("PutItem", put).answer["__type"]?.string?.hasSuffix("#ResourceNotFoundException") == true)
    #expect(bench.send("DeleteTable", #"{"TableName":"plain"}"#).answer["__type"]?.string?.hasSuffix("#ResourceInUseException") == true)
    bench.now += 1_000
    #expect(Self.describe(&bench, "plain")?["TableStatus"] == "ACTIVE")
    bench.succeed("PutItem", put)
    bench.succeed(
      "UpdateTable",
      """
      {"TableName":"plain","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}],
      "GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-g","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],
      "Projection":{"ProjectionType":"ALL"}}}]}
      """)
    let index = Self.describe(&bench, "plain")?["GlobalSecondaryIndexes"]?[0]
    #expect(index?["IndexStatus"] == "CREATING" && index?["Backfilling"] == true)
    let query = """
      {"TableName":"plain","IndexName":"by-g","KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":"x"}}}
      """
    #expect(bench.send("Query", query).status == 400)
    bench.now += 1_000
    #expect(bench.succeed("Query", query)["Count"]?.integer == 1)
    bench.succeed("UpdateTable", #"{"TableName":"plain","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"by-g"}}]}"#)
    bench.now += 1_000
    #expect(Self.describe(&bench, "plain")?["GlobalSecondaryIndexes"] == nil)
    #expect(Self.describe(&bench, "plain")?["AttributeDefinitions"]?.array?.count == 1)
    #expect(bench.succeed("DeleteTable", #"{"TableName":"plain"}"#)["TableDescription"]?["TableStatus"] == "DELETING")
    bench.now += 1_000
    #expect(Self.describe(&bench, "plain") == nil)
    #expect(bench.succeed("ListTables", "{}").text == #"{"TableNames":["rich"]}"#)
  }

  @Test func isProtectedFromDeletion() {
    var bench = ServiceBench.withTables()
    bench.succeed("UpdateTable", #"{"TableName":"plain","DeletionProtectionEnabled":true}"#)
    #expect(bench.send("DeleteTable", #"{"TableName":"plain"}"#).status == 400)
    bench.succeed("UpdateTable", #"{"TableName":"plain","DeletionProtectionEnabled":false}"#)
    bench.succeed("DeleteTable", #"{"TableName":"plain"}"#)
  }

  @Test func changesHowItIsPaid() {
    var bench = ServiceBench.withTables()
    bench.succeed(
      "UpdateTable",
      #"{"TableName":"plain","BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4}}"#)
    #expect(Self.describe(&bench, "plain")?["ProvisionedThroughput"]?["WriteCapacityUnits"]?.integer == 4)
    bench.succeed("UpdateTable", #"{"TableName":"plain","BillingMode":"PAY_PER_REQUEST"}"#)
    #expect(Self.describe(&bench, "plain")?["ProvisionedThroughput"]?["WriteCapacityUnits"]?.integer == 0)
    #expect(Self.describe(&bench, "plain")?["BillingModeSummary"]?["BillingMode"] == "PAY_PER_REQUEST")
  }

  /// Expired items go within the delay, each at its own time; what expired over five years ago, and what has no number, stays.
  @Test func itemsExpire() {
    var bench = ServiceBench.withTables { $0.longestExpiryDelay = 10_000 }
    bench.succeed(
      "UpdateTimeToLive", #"{"TableName":"plain","TimeToLiveSpecification":{"AttributeName":"t","Enabled":true}}"#)
    let start = bench.now / 1_000
    for number in 0..<50 {
      bench.succeed("PutItem", #"{"TableName":"plain","Item":{"id":{"S":"\#(number)"},"t":{"N":"\#(start + 60)"}}}"#)
    }
    let kept = [#"{"N":"\#(start - 6 * 365 * 86_400)"}"#, #"{"S":"\#(start + 60)"}"#, #"{"N":"\#(start + 600)"}"#]
    for (number, time) in kept.enumerated() {
      bench.succeed("PutItem", #"{"TableName":"plain","Item":{"id":{"S":"kept-\#(number)"},"t":\#(time)}}"#)
    }
    // One more has its time put off before it comes.
    bench.succeed("PutItem", #"{"TableName":"plain","Item":{"id":{"S":"0"},"t":{"N":"\#(start + 600)"}}}"#)
    var counts: [Int] = []
    for second in [60, 65, 70] {
      bench.now = (start + Int64(second)) * 1_000
      counts.append(bench.succeed("Scan", #"{"TableName":"plain","Select":"COUNT"}"#)["Count"]?.integer ?? 0)
    }
    #expect(counts[0] >= counts[1] && counts[1] < 53 && counts[1] > 4 && counts[2] == 4)
    let description = bench.succeed("DescribeTimeToLive", #"{"TableName":"plain"}"#)
    #expect(description["TimeToLiveDescription"]?.text == #"{"AttributeName":"t","TimeToLiveStatus":"ENABLED"}"#)
  }

  @Test func hasTagsAndAPolicy() {
    var bench = ServiceBench.withTables()
    let arn = #""ResourceArn":"arn:aws:dynamodb:local:000000000000:table/plain""#
    bench.succeed("TagResource", #"{\#(arn),"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]}"#)
    bench.succeed("TagResource", #"{\#(arn),"Tags":[{"Key":"a","Value":"3"}]}"#)
    bench.succeed("UntagResource", #"{\#(arn),"TagKeys":["b"]}"#)
    #expect(bench.succeed("ListTagsOfResource", "{\(arn)}").text == #"{"Tags":[{"Key":"a","Value":"3"}]}"#)
    #expect(bench.send("GetResourcePolicy", "{\(arn)}").answer["__type"]?.string?.hasSuffix("#PolicyNotFoundException") == true)
    let policy =
      #"{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"dynamodb:PutItem\",\"Resource\":\"*\"}]}"#
    let revision = bench.succeed("PutResourcePolicy", #"{\#(arn),"Policy":"\#(policy)"}"#)["RevisionId"]
    #expect(bench.succeed("GetResourcePolicy", "{\(arn)}")["RevisionId"] == revision && revision != nil)
    #expect(bench.send("PutResourcePolicy", #"{\#(arn),"Policy":"\#(policy)","ExpectedRevisionId":"x"}"#).status == 400)
    bench.succeed("DeleteResourcePolicy", "{\(arn)}")
    #expect(bench.send("GetResourcePolicy", "{\(arn)}").status == 400)
  }

  @Test func leavesUnprocessedWhatItIsToldTo() {
    var bench = ServiceBench.withTables()
    bench.service.leaveUnprocessed(["id": "a"], in: "plain")
    let put = #"{"RequestItems":{"plain":[{"PutRequest":{"Item":{"id":{"S":"a"}}}},{"PutRequest":{"Item":{"id":{"S":"b"}}}}]}}"#
    let first = bench.succeed("BatchWriteItem", put)
    #expect(first["UnprocessedItems"]?.text == #"{"plain":[{"PutRequest":{"Item":{"id":{"S":"a"}}}}]}"#)
    #expect(bench.service.items(in: "plain") == [["id": "b"]])
    #expect(bench.succeed("BatchWriteItem", put)["UnprocessedItems"]?.text == "{}")
    bench.service.leaveUnprocessed(["id": "b"], in: "plain")
    let get = #"{"RequestItems":{"plain":{"Keys":[{"id":{"S":"a"}},{"id":{"S":"b"}}],"ConsistentRead":true}}}"#
    let read = bench.succeed("BatchGetItem", get)
    #expect(read["UnprocessedKeys"]?.text == #"{"plain":{"ConsistentRead":true,"Keys":[{"id":{"S":"b"}}]}}"#)
    #expect(read["Responses"]?.text == #"{"plain":[{"id":{"S":"a"}}]}"#)
  }

  /// Pages end before the megabyte that the next item would break, and go on from any key.
  @Test func pagesHoldAMegabyte() {
    var bench = ServiceBench.withTables()
    let text = String(repeating: "x", count: 299_000)
    for number in 0..<8 {
      bench.succeed("PutItem", #"{"TableName":"rich","Item":{"pk":{"S":"a"},"sk":{"N":"\#(number)"},"t":{"S":"\#(text)"}}}"#)
    }
    var start = ""
    var sizes: [Int] = []
    repeat {
      let page = bench.succeed("Scan", #"{"TableName":"rich","ReturnConsumedCapacity":"TOTAL"\#(start)}"#)
      sizes.append(page["Count"]?.integer ?? 0)
      start = page["LastEvaluatedKey"].map { #","ExclusiveStartKey":\#($0.text)"# } ?? ""
    } while !start.isEmpty && sizes.count < 9
    #expect(sizes == [3, 3, 2])
  }

  @Test func largeItemsAreRefused() {
    var bench = ServiceBench.withTables()
    func put(_ count: Int) -> String {
      #"{"TableName":"plain","Item":{"id":{"S":"a"},"x":{"S":"\#(String(repeating: "x", count: count))"}}}"#
    }
    bench.succeed("PutItem", put(409_600 - 4))
    #expect(bench.send("PutItem", put(409_600 - 3)).answer["message"] == "Item size has exceeded the maximum allowed size")
    let update = """
      {"TableName":"plain","Key":{"id":{"S":"a"}},"UpdateExpression":"SET y = :y","ExpressionAttributeValues":{":y":{"S":"x"}}}
      """
    #expect(bench.send("UpdateItem", update).answer["message"] == "Item size to update has exceeded the maximum allowed size")
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
  package init(stringLiteral value: String) { self = .string(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}
