import DynamoDBExpressions
import DynamoDBModel
import Testing

@Suite struct ProjectionExpressionTests {
  @Test func takesInWholeAttributesWithoutOverlap() throws {
    let projection = try ProjectionExpression(parsing: "m.x, n, #i", names: ["#i": "id"])
    var writer = ExpressionWriter()
    #expect(writer.write(projection.including(["id", "_dt", "m"])) == "#_0,#_1,#_2,#_3")
    #expect(writer.attributeNames == ["#_0": "n", "#_1": "id", "#_2": "_dt", "#_3": "m"])
  }
}
