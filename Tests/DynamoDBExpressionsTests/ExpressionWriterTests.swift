import DynamoDBExpressions
import DynamoDBModel
import Testing

@Suite struct ExpressionWriterTests {
  static let names = ["#s": "status", "#a": "a"]
  static let values: AttributeMap = [":v": 1, ":w": 2, ":t": "S", ":l": [1], ":set": .stringSet(["x"])]

  /// What was written, as it comes out.
  static let conditions: [(String, String)] = [
    ("a = :v", "#_0=:_0"),
    ("  a   <>  b ", "#_0<>#_1"),
    ("#a = :v AND a < :w", "#_0=:_0 AND #_0<:_1"),
    ("a.#s[3].a = :v", "#_0.#_1[3].#_0=:_0"),
    ("a=:v OR b=:v AND NOT c=:w", "#_0=:_0 OR #_1=:_0 AND NOT #_2=:_1"),
    ("(a=:v OR b=:v) AND (c=:w)", "(#_0=:_0 OR #_1=:_0) AND #_2=:_1"),
    ("NOT (a=:v AND b=:v)", "NOT (#_0=:_0 AND #_1=:_0)"),
    ("NOT NOT a=:v", "NOT (NOT #_0=:_0)"),
    ("(a=:v AND b=:v) AND c=:w", "#_0=:_0 AND #_1=:_0 AND #_2=:_1"),
    ("a BETWEEN :v AND :w AND b IN (:v, c)", "#_0 BETWEEN :_0 AND :_1 AND #_1 IN (:_0,#_2)"),
    ("size(a) > :v OR attribute_type(a, :t)", "size(#_0)>:_0 OR attribute_type(#_0,:_1)"),
    (
      "attribute_exists(a) AND attribute_not_exists(b) AND begins_with(c, :t) AND contains(d, :v)",
      "attribute_exists(#_0) AND attribute_not_exists(#_1) AND begins_with(#_2,:_0) AND contains(#_3,:_1)"
    ),
  ]

  @Test(arguments: conditions) func writesConditions(_ text: String, _ expected: String) throws {
    var attributes = try ExpressionAttributes(names: Self.names, values: Self.values)
    let condition = try ConditionExpression(text, &attributes).condition
    var writer = ExpressionWriter()
    let written = writer.write(condition)
    #expect(written == expected)

    // What comes out means the same, needs every name and value that comes with it, and comes out the same again.
    let again = try ConditionExpression(parsing: written, names: writer.attributeNames, values: writer.attributeValues).condition
    var second = ExpressionWriter()
    #expect(second.write(again) == written)
    #expect(again.paths == condition.paths)
  }

  static let updates: [(String, String)] = [
    ("set a = :v, b = c remove #s add n :v delete t :set", "SET #_0=:_0,#_1=#_2 REMOVE #_3 ADD #_4 :_0 DELETE #_5 :_1"),
    ("SET a = a + :v, b = :v - a", "SET #_0=#_0+:_0,#_1=:_0-#_0"),
    ("SET a = b - (c - :v)", "SET #_0=#_1-(#_2-:_0)"),
    ("SET a = (b - c) - :v", "SET #_0=(#_1-#_2)-:_0"),
    ("SET a = if_not_exists(a, :v) + :w", "SET #_0=if_not_exists(#_0,:_0)+:_1"),
    ("SET l = list_append(list_append(l, :l), :l)", "SET #_0=list_append(list_append(#_0,:_0),:_0)"),
    ("SET a[1].b = :v REMOVE c[2]", "SET #_0[1].#_1=:_0 REMOVE #_2[2]"),
  ]

  @Test(arguments: updates) func writesUpdates(_ text: String, _ expected: String) throws {
    var attributes = try ExpressionAttributes(names: Self.names, values: Self.values)
    let update = try UpdateExpression(text, &attributes)
    var writer = ExpressionWriter()
    let written = writer.write(update)
    #expect(written == expected)
    let again = try UpdateExpression(parsing: written, names: writer.attributeNames, values: writer.attributeValues)
    var second = ExpressionWriter()
    #expect(second.write(again) == written)
  }

  @Test func sharesAliasesAndDropsWhatIsNotUsed() throws {
    var attributes = try ExpressionAttributes(names: ["#s": "status", "#gone": "gone"], values: [":v": 1, ":w": 2, ":gone": 3])
    let condition = try ConditionExpression("#s = :v OR #gone = :gone", &attributes)
    let update = try UpdateExpression("SET #s = :w", &attributes)
    try attributes.checkAllUsed()

    // The caller's condition was judged elsewhere; only the guard goes out with the update.
    var writer = ExpressionWriter()
    #expect(writer.write(.attributeExists(DocumentPath(root: "_dt"))) == "attribute_exists(#_0)")
    #expect(writer.write(update.removing("_dt")) == "SET #_1=:_0 REMOVE #_0")
    #expect(writer.attributeNames == ["#_0": "_dt", "#_1": "status"])
    #expect(writer.attributeValues == [":_0": 2])
    #expect(condition.condition.paths.map(\.root) == ["status", "gone"])
  }

  @Test func addsGuards() throws {
    let caller = try ConditionExpression(parsing: "a = :v OR b = :v", values: [":v": 1]).condition
    var writer = ExpressionWriter()
    let guarded = Condition.and([.attributeExists(DocumentPath(root: "id")), .attributeNotExists(DocumentPath(root: "_dt")), caller])
    #expect(writer.write(guarded) == "attribute_exists(#_0) AND attribute_not_exists(#_1) AND (#_2=:_0 OR #_3=:_0)")
    #expect(guarded.evaluate(on: ["id": "x", "b": 1]))
    #expect(!guarded.evaluate(on: ["id": "x", "b": 1, "_dt": 5]))
    #expect(!guarded.evaluate(on: ["b": 1]))
  }

  @Test func tellsNamesApartByTheirBytes() throws {
    let names = ["#c": "é", "#d": "e\u{301}"]
    let condition = try ConditionExpression(parsing: "#c = #d", names: names).condition
    var writer = ExpressionWriter()
    #expect(writer.write(condition) == "#_0=#_1")
    #expect(condition.evaluate(on: ["é": 1, "e\u{301}": 1]))
    #expect(!condition.evaluate(on: ["é": 1]))
  }

  @Test func writesNothingWithoutNames() {
    let writer = ExpressionWriter()
    #expect(writer.attributeNames == nil)
    #expect(writer.attributeValues == nil)
  }
}
