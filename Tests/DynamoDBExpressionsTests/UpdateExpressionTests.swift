import DynamoDBExpressions
import DynamoDBModel
import Testing

@Suite struct UpdateExpressionTests {
  /// Whether what the update leaves behind depends on what it found.
  static let reading: [(String, Bool)] = [
    ("SET a = :n", false), ("SET a = :n, b = :l REMOVE c", false), ("SET a.b = :n", false), ("REMOVE a", false), ("REMOVE a.b, c", false),
    ("SET a = list_append(:l, :l)", false), ("SET a = :n + :n", false), ("SET a[0].b = :n", false), ("REMOVE a[0].b", false),
    ("SET a = b", true), ("SET a = a + :n", true), ("SET a = :n - a", true), ("SET a = if_not_exists(a, :n)", true),
    ("SET a = list_append(a, :l)", true), ("ADD a :n", true), ("ADD a :s", true), ("DELETE a :s", true), ("SET a = :n ADD b :n", true),
    // Beyond the end a SET appends each time it lands; a REMOVE takes another element each time.
    ("SET a[5] = :n", true), ("REMOVE a[0]", true), ("REMOVE a.b[0]", true),
  ]

  @Test(arguments: reading) func knowsWhatDependsOnTheItem(_ text: String, _ expected: Bool) throws {
    var attributes = try ExpressionAttributes(names: nil, values: [":n": 1, ":l": [1], ":s": .stringSet(["x"])])
    #expect(try UpdateExpression(text, &attributes).readsAttributes == expected)
  }

  @Test func listsEveryPath() throws {
    let update = try UpdateExpression(
      parsing: "SET a.b = if_not_exists(c.d, e), f = list_append(g, :l) REMOVE h[1] ADD i :n DELETE j :s",
      values: [":l": [1], ":n": 1, ":s": .stringSet(["x"])])
    #expect(update.targets.map(\.root) == ["a", "f", "h", "i", "j"])
    #expect(update.paths.map(\.root) == ["a", "f", "h", "i", "j", "c", "e", "g"])
  }

  @Test func removesAlone() {
    var writer = ExpressionWriter()
    #expect(writer.write(UpdateExpression().removing("_dt")) == "REMOVE #_0")
  }
}
