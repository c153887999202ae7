import DynamoDBExpressions
import DynamoDBModel
import Testing

@Suite struct KeyConditionExpressionTests {
  static let schema = KeySchema(hash: .init("h", .string), range: .init("r", .number))
  static let values: AttributeMap = [":h": "k", ":a": 1, ":b": 5, ":s": "x"]

  private static func parse(_ text: String) throws -> KeyConditionExpression {
    var attributes = try ExpressionAttributes(names: nil, values: values)
    return try KeyConditionExpression(text, &attributes)
  }

  /// What is asked of the sort key, by which of the numbers 0 to 6 pass.
  static let ranges: [(String, [Int])] = [
    ("h=:h", [0, 1, 2, 3, 4, 5, 6]), (":h = h", [0, 1, 2, 3, 4, 5, 6]), ("h=:h AND r=:a", [1]), ("r = :a AND h = :h", [1]),
    ("h=:h AND r<:b", [0, 1, 2, 3, 4]), ("h=:h AND :b>r", [0, 1, 2, 3, 4]), ("h=:h AND r<=:a", [0, 1]), ("h=:h AND :a>=r", [0, 1]),
    ("h=:h AND r>:b", [6]), (":b < r AND :h=h", [6]), ("h=:h AND r>=:b", [5, 6]), (":b <= r and h=:h", [5, 6]),
    ("h=:h AND r BETWEEN :a AND :b", [1, 2, 3, 4, 5]), ("r BETWEEN :a AND :b AND h=:h", [1, 2, 3, 4, 5]),
    ("(h=:h) AND (r>:b)", [6]), ("(h=:h AND r>:b)", [6]),
  ]

  @Test(arguments: ranges) func asks(_ text: String, _ passing: [Int]) throws {
    let condition = try Self.parse(text).condition(for: Self.schema)
    #expect(condition.hash == "k")
    #expect((0...6).filter { condition.range?.holds(of: .number(DynamoDBNumber($0))) ?? true } == passing)
  }

  @Test func asksForPrefixes() throws {
    let schema = KeySchema(hash: .init("h", .string), range: .init("r", .binary))
    let expression = try KeyConditionExpression(
      parsing: "#h = :h AND begins_with(r, :p)", names: ["#h": "h"], values: [":h": "k", ":p": .binary([1, 2])])
    let range = try #require(try expression.condition(for: schema).range)
    #expect(range.holds(of: .binary([1, 2])) && range.holds(of: .binary([1, 2, 0])))
    #expect(!range.holds(of: .binary([1])) && !range.holds(of: .binary([1, 3, 2])))
  }

  @Test func takesAnIndexOfOneAttribute() throws {
    let schema = KeySchema(hash: .init("r", .number))
    #expect(try Self.parse(":a = r").condition(for: schema) == Self.parse("r = :a").condition(for: schema))
    let error = #expect(throws: ExpressionError.self) { try Self.parse("h = :h AND r = :a").condition(for: schema) }
    #expect(error?.message == "The number of query conditions (2) exceeds the number of key attributes defined in the schema (1)")
  }
}
