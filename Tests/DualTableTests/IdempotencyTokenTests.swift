import DynamoDBClient
import DynamoDBModel
import Testing

@testable import DualTable

@Suite("A caller's idempotency token") struct IdempotencyTokenTests {
  static let put = TransactWriteItem(tableName: "new", action: .put(["id": "a", "v": 1]))

  static func token(_ callers: String, _ input: TransactWriteItemsInput) -> String { IdempotencyToken(callers).derived(for: input) }

  @Test("Each rewritten body has its own token, derived from the caller's and the body")
  func isDerived() {
    let input = TransactWriteItemsInput(transactItems: [Self.put], clientRequestToken: "mine")
    let token = Self.token("mine", input)
    #expect(token.utf8.count == 32 && token.allSatisfy(\.isHexDigit))
    var unnamed = input
    unnamed.clientRequestToken = nil
    #expect(Self.token("mine", unnamed) == token, "its own token is no part of the body")
    var guarded = input
    guarded.transactItems[0].conditionExpression = "attribute_not_exists(id)"
    var priced = input
    priced.returnConsumedCapacity = .total
    let others = [Self.token("mine2", input), Self.token("mine", guarded), Self.token("mine", priced)]
    #expect(Set(others + [token]).count == 4)
  }

  @Test("Equal bodies have equal tokens, in whatever order their names were given")
  func isStable() {
    var one = Self.put
    one.expressionAttributeNames = ["#a": "a", "#b": "b", "#c": "c"]
    var other = Self.put
    other.expressionAttributeNames = ["#c": "c", "#b": "b", "#a": "a"]
    #expect(Self.token("t", .init(transactItems: [one])) == Self.token("t", .init(transactItems: [other])))
  }
}
