import DynamoDBExpressions
import DynamoDBModel
import Testing

/// What can be told of a condition without an item.
@Suite struct ConditionAbsenceTests {
  static let values: AttributeMap = [":ten": 10, ":u1": "u1"]

  static let absence: [(String, Bool)] = [
    ("attribute_not_exists(id)", true), ("attribute_not_exists(sort)", true), ("attribute_not_exists(n)", false),
    ("attribute_not_exists(id.x)", false),
    ("attribute_not_exists(id) AND n = :ten", true), ("attribute_not_exists(id) OR n = :ten", false),
    ("attribute_not_exists(id) OR attribute_not_exists(sort)", true),
    ("NOT attribute_exists(id)", true), ("NOT attribute_not_exists(id)", false), ("NOT (attribute_exists(id) OR n = :ten)", true),
    ("NOT (attribute_exists(id) AND n = :ten)", false), ("id <> :u1", false), ("NOT NOT attribute_not_exists(id)", true),
  ]

  @Test(arguments: absence) func knowsWhatNoItemCanSatisfy(_ text: String, _ expected: Bool) throws {
    let condition = try Self.parse(text).condition
    #expect(condition.isFalseOfEveryItem(with: ["id", "sort"]) == expected)
    if expected {
      for item: Item in [["id": "u1", "sort": 1], ["id": "u1", "sort": 1, "n": 10]] { #expect(!condition.evaluate(on: item)) }
    }
  }

  /// The condition, with those of the values that it names.
  static func parse(_ text: String) throws -> ConditionExpression {
    var attributes = try ExpressionAttributes(names: nil, values: values)
    return try ConditionExpression(text, &attributes)
  }
}
