import DynamoDBExpressions
import DynamoDBModel
import Testing

@Suite struct ProjectionExpressionTests {
  static let item: Item = ["id": "u1", "n": 1, "m": ["x": 1, "y": ["z": 2, "w": 3]], "l": [10, ["k": 11, "o": 12], 13]]

  static let projections: [(String, Item)] = [
    ("id", ["id": "u1"]), ("gone", [:]), ("n, id, gone", ["id": "u1", "n": 1]), ("m.x", ["m": ["x": 1]]), ("m.gone", [:]),
    ("m.y.z", ["m": ["y": ["z": 2]]]),
    ("m.x, m.y.w", ["m": ["x": 1, "y": ["w": 3]]]), ("l[0]", ["l": [10]]), ("l[2], l[0]", ["l": [10, 13]]), ("l[1].k", ["l": [["k": 11]]]),
    ("l[9]", [:]),
    ("n.x", [:]), ("n[0]", [:]), ("l[2], l[1].o, m.gone", ["l": [["o": 12], 13]]),
  ]

  @Test(arguments: projections) func handsOut(_ text: String, _ expected: Item) throws {
    #expect(try ProjectionExpression(parsing: text).project(Self.item) == expected)
  }

  @Test func takesInWholeAttributesWithoutOverlap() throws {
    let projection = try ProjectionExpression(parsing: "m.x, n, #i", names: ["#i": "id"])
    var writer = ExpressionWriter()
    #expect(writer.write(projection.including(["id", "_dt", "m"])) == "#_0,#_1,#_2,#_3")
    #expect(writer.attributeNames == ["#_0": "n", "#_1": "id", "#_2": "_dt", "#_3": "m"])
  }
}
