import DynamoDBExpressions
import DynamoDBModel
import Testing

/// What the table of expressions doesn't show.
@Suite struct ExpressionErrorTests {
  @Test func countsBytesAndOperators() throws {
    let limit = String(repeating: "x", count: 4_090)
    #expect(throws: Never.self) { try ConditionExpression(parsing: "\(limit) = :v", values: [":v": 1]) }
    let long = #expect(throws: ExpressionError.self) { try ConditionExpression(parsing: "\(limit)x  = :v", values: [":v": 1]) }
    #expect(long?.message == "Invalid ConditionExpression: Expression size has exceeded the maximum allowed size;")

    let nested = { (depth: Int) in "a<b " + String(repeating: "or (a<b ", count: depth) + String(repeating: ")", count: depth) }
    #expect(try ConditionExpression(parsing: nested(149)).operatorCount == 299)
    let many = #expect(throws: ExpressionError.self) { try ConditionExpression(parsing: nested(454)) }
    #expect(many?.message == "Invalid ConditionExpression: The expression contains too many operators; operator count: 301")
  }

  @Test(arguments: [
    String(repeating: "(", count: 4_096), String(repeating: "(", count: 2_046) + "a<b" + String(repeating: ")", count: 2_046),
    String(repeating: "not ", count: 1_000) + "a<b",
    "a < " + String(repeating: "f(", count: 1_355) + "b" + String(repeating: ")", count: 1_355),
  ])
  func refusesWhatIsNestedTooDeeply(_ text: String) {
    #expect(throws: ExpressionError.self) { try ConditionExpression(parsing: text) }
  }

  @Test func neverDescribesValues() throws {
    let secret: AttributeMap = [":low": "secret-2", ":high": "secret-1"]
    let error = #expect(throws: ExpressionError.self) { try ConditionExpression(parsing: "a BETWEEN :low AND :high", values: secret) }
    #expect(error?.message.contains("secret") == true)
    #expect(error.map { "\($0)" }?.contains("secret") == false)
    let type = #expect(throws: ExpressionError.self) {
      try ConditionExpression(parsing: "attribute_type(a, :low)", values: [":low": "secret"])
    }
    #expect(type.map { "\($0)" }?.contains("secret") == false)
  }
}
