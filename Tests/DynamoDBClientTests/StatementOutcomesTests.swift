import DynamoDBClient
import HTTPTransport
import Testing

@Suite struct StatementOutcomesTests {
  @Test(arguments: [
    (#"{"Responses":[{"TableName":"t"},{}],"ConsumedCapacity":[{"TableName":"t","CapacityUnits":2.5},{"CapacityUnits":1}]}"#, 2, [], 3.5),
    (#"{"Responses":[]}"#, 0, [], nil),
    (#"{"ConsumedCapacity":[{"TableName":"t"}],"Responses":[{"Item":{"a":{"S":"\"Error\""}}}]}"#, 1, [], nil),
    (
      #"{"Responses":[{},{"Error":{"Code":"DuplicateItem","Message":"m"},"TableName":"t"},{},{"Error":{"Code":"ThrottlingError"}}]}"#, 4,
      [1, 3], nil
    ),
  ] as [(String, Int, [Int], Double?)])
  func `says which statements failed, and what all cost`(body: String, count: Int, failed: [Int], units: Double?) throws {
    let answer = makeAnswer(200, body, [])
    let outcomes = try answer.statementOutcomes()
    #expect(outcomes.count == count && outcomes.failures.map(\.index) == failed && outcomes.units == units)
    #expect(outcomes.failures.allSatisfy { ["DuplicateItem", "ThrottlingError"].contains($0.error.code) })
  }

  @Test(arguments: ["", "{}", "[]", #"{"Responses":[1]}"#, #"{"Responses":[{}]}}"#, #"{"Responses":[{}"#])
  func `an answer that says nothing of the statements is none`(body: String) {
    let answer = makeAnswer(200, body, [])
    #expect(throws: DynamoDBError.self) { try answer.statementOutcomes() }
  }
}
