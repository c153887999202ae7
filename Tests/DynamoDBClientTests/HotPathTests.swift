import AWSAuth
import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import Testing

@Suite struct HotPathTests {
  private func text(_ bytes: borrowing ByteBuffer, _ range: Range<Int>) -> String {
    var units: [UInt8] = []
    for index in range { units.append(bytes[index]) }
    return String(decoding: units, as: UTF8.self)
  }

  @Test func conditionalPut() {
    let template = ConditionalPutTemplate(table: "new\"", hashKey: "päth")
    var bytes = ByteBuffer()
    for item in [#"{"päth":{"S":"a"}}"#, "{}"] {
      bytes.removeAll()
      template.begin(into: &bytes)
      bytes.append(contentsOf: item.utf8)
      template.end(into: &bytes)
      #expect(
        text(bytes, 0..<bytes.count)
          == #"{"TableName":"new\"","Item":\#(item),"ConditionExpression":"attribute_not_exists(#h)","#
          + ##""ExpressionAttributeNames":{"#h":"päth"},"ReturnValuesOnConditionCheckFailure":"ALL_OLD","ReturnConsumedCapacity":"TOTAL"}"##
      )
    }
  }

  @Test(
    arguments: [
      (#"{"ConsumedCapacity":{"TableName":"t","CapacityUnits":49.0}}"#, 49.0), (#"{"ConsumedCapacity":{"CapacityUnits":0.5}}"#, 0.5),
      (#"{"ConsumedCapacity":{"CapacityUnits":128,"TableName":"t"},"Attributes":{}}"#, 128.0), ("{}", nil),
      (#"{"ConsumedCapacity":{}}"#, nil), (#"{"ConsumedCapacity":{"CapacityUnits":1.25e2}}"#, 125.0),
      // More than can be: as thousandths, and added up, it would overflow.
      (#"{"ConsumedCapacity":{"CapacityUnits":12345678901234567890}}"#, nil), (#"{"ConsumedCapacity":{"CapacityUnits":1e300}}"#, nil),
      (#"{"ConsumedCapacity":{"CapacityUnits":9999999999999999}}"#, nil), (#"{"ConsumedCapacity":{"CapacityUnits":-1}}"#, nil),
      (#"{"ConsumedCapacity":{"Table":{"CapacityUnits":3},"CapacityUnits":7}}"#, 7.0), (#"{"Attributes":{"CapacityUnits":9}}"#, nil),
    ] as [(String, Double?)]) func capacityUnits(_ body: String, _ units: Double?) throws
  {
    let answer = makeAnswer(200, body)
    let found = try answer.capacityUnits()
    #expect(found == units)
  }

  @Test(arguments: [
    (200, "{", DynamoDBError.Code.unexpectedAnswer), (200, "", .unexpectedAnswer), (200, #"{"ConsumedCapacity":7}"#, .unexpectedAnswer),
    (200, "{}x", .unexpectedAnswer), (503, "{}", .serviceUnavailable),
    (400, #"{"__type":"x#ConditionalCheckFailedException","Item":{"id":{"S":"a"}}}"#, .conditionalCheckFailed),
  ]) func notASuccess(_ status: Int, _ body: String, _ code: DynamoDBError.Code) {
    let answer = makeAnswer(status, body)
    var error: DynamoDBError?
    do throws(DynamoDBError) { _ = try answer.capacityUnits() } catch let thrown { error = thrown }
    #expect(error?.code == code)
    #expect(code != .conditionalCheckFailed || error?.item == ["id": .string("a")])
  }

  @Test func damagedAnswer() {
    let answer = makeAnswer(200, #"{"ConsumedCapacity":{"CapacityUnits":1.0}}"#, ["x-amz-crc32: 5"])
    var error: DynamoDBError?
    do throws(DynamoDBError) { _ = try answer.capacityUnits() } catch let thrown { error = thrown }
    #expect(error?.code == .checksumMismatch && error?.isRetryable == true && error?.mayHaveArrived == true)
  }

  @Test func scanPageRequests() async throws {
    let page = #"{"Count":0,"Items":[],"ScannedCount":0}"#
    let test = try TestClient([.answer(200, page), .answer(200, page)])
    _ = try await test.client.scanPage(ScanPageInput(table: "t"))
    _ = try await test.client.scanPage(
      ScanPageInput(
        table: "t", segment: 3, totalSegments: 8, exclusiveStartKey: Array(#"{"id":{"N":"1.50"}}"#.utf8), limit: 100, consistent: false,
        projection: ["id", "a\"b"]))
    #expect(
      test.transport.sent.map(\.body) == [
        #"{"TableName":"t","Segment":0,"TotalSegments":1,"ConsistentRead":true,"ReturnConsumedCapacity":"TOTAL"}"#,
        #"{"TableName":"t","Segment":3,"TotalSegments":8,"ExclusiveStartKey":{"id":{"N":"1.50"}},"Limit":100,"ConsistentRead":false,"#
          + ##""ProjectionExpression":"#0,#1","ExpressionAttributeNames":{"#0":"id","#1":"a\"b"},"ReturnConsumedCapacity":"TOTAL"}"##,
      ])
    #expect(test.transport.sent.allSatisfy { $0.head.contains("DynamoDB_20120810.Scan") })
  }

  /// Small pages are taken where they are read, large ones by the caller: both arrive whole, after a retry too.
  @Test(arguments: [1, 100_000]) func scanPageBytes(_ length: Int) async throws {
    let page = #"{"Count":1,"Items":[{"id":{"S":"\#(String(repeating: "x", count: length))"}}],"ScannedCount":1}"#
    let test = try TestClient([.failure(.reset), .answer(200, page, fields: ["x-amz-crc32: 1"]), .answer(200, page)])
    let answer = try await test.client.scanPage(ScanPageInput(table: "t"))
    let found = text(answer.bytes, answer.body)
    #expect(found == page && test.transport.sent.count == 3)
  }

  @Test func signersHoldTheCredentialsOfNow() async throws {
    let test = try TestClient([])
    var signer = try await test.client.makeSigner(operation: .putItem)
    var request = HTTPRequestBuffer()
    request.writeBody { $0.append("{}") }
    signer.finish(&request, at: 1_700_000_000_000)
    let head = String(decoding: (0..<request.message.count).map { request.message[$0] }, as: UTF8.self)
    #expect(head.contains("x-amz-target: DynamoDB_20120810.PutItem\r\n"))
  }
}
