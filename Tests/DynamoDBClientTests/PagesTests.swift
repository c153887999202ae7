import DynamoDBClient
import DynamoDBModel
import Testing

@Suite struct PagesTests {
  static let more = ScriptedTransport.Step.answer(200, #"{"Count":0,"Items":[],"LastEvaluatedKey":{"id":{"S":"b"}}}"#)
  static let last = ScriptedTransport.Step.answer(200, #"{"Count":1,"Items":[{"id":{"S":"c"}}]}"#)

  /// An empty page is not the end, and behind the last page nothing is asked for.
  @Test func scanToTheEnd() async throws {
    let test = try TestClient([Self.more, Self.last, Self.last])
    var counts: [Int] = []
    for try await page in test.client.scanPages(ScanInput(tableName: "t", exclusiveStartKey: ["id": .string("a")])) {
      counts.append(page.items.count)
    }
    #expect(counts == [0, 1] && test.transport.unused == 1)
    #expect(
      test.transport.sent.map(\.body) == [
        #"{"TableName":"t","ExclusiveStartKey":{"id":{"S":"a"}}}"#, #"{"TableName":"t","ExclusiveStartKey":{"id":{"S":"b"}}}"#,
      ])
  }

  @Test func failureKeepsThePlace() async throws {
    let test = try TestClient([Self.more, refusal("ValidationException"), Self.last])
    var pages = test.client.queryPages(QueryInput(tableName: "t", keyConditionExpression: "k")).makeAsyncIterator()
    #expect(try await pages.next()?.items.count == 0)
    do {
      _ = try await pages.next()
      Issue.record("the refusal is lost")
    } catch {
      #expect(error.code == .validation)
    }
    #expect(try await pages.next()?.items.count == 1)
    #expect(try await pages.next() == nil && test.transport.unused == 0)
    let bodies = test.transport.sent.map(\.body)
    #expect(bodies.count == 3 && bodies[0] == #"{"TableName":"t","KeyConditionExpression":"k"}"# && bodies[1] == bodies[2])
    #expect(bodies[1] == #"{"TableName":"t","KeyConditionExpression":"k","ExclusiveStartKey":{"id":{"S":"b"}}}"#)
  }

  @Test func tablesAndTags() async throws {
    let test = try TestClient([
      .answer(200, #"{"TableNames":["a"],"LastEvaluatedTableName":"a"}"#), .answer(200, #"{"TableNames":["b"]}"#),
      .answer(200, #"{"Tags":[{"Key":"k","Value":"v"}],"NextToken":"n"}"#), .answer(200, #"{"Tags":[]}"#),
    ])
    var names: [String] = []
    for try await page in test.client.listTablesPages(ListTablesInput(limit: 1)) { names += page.tableNames }
    var tags: [String] = []
    for try await page in test.client.listTagsOfResourcePages(ListTagsOfResourceInput(resourceArn: "arn")) {
      tags += page.tags.map { "\($0.key)=\($0.value)" }
    }
    #expect(names == ["a", "b"] && tags == ["k=v"] && test.transport.unused == 0)
    #expect(
      test.transport.sent.map(\.body) == [
        #"{"Limit":1}"#, #"{"ExclusiveStartTableName":"a","Limit":1}"#, #"{"ResourceArn":"arn"}"#,
        #"{"ResourceArn":"arn","NextToken":"n"}"#,
      ])
  }
}
