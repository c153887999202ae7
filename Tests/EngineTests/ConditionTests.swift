import DynamoDBClient
import DynamoDBExpressions
import DynamoDBModel
import Testing

/// Conditions made up by a seed, written out and judged by an engine and by us.
@Suite(.timeLimit(.minutes(5))) struct ConditionTests {
  @Test(arguments: Engine.all.filter { !$0.has(.looseConditions) }) func evaluationAgrees(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        var random = ConditionGenerator(seed: 1)
        var held = 0
        for number in 0..<200 {
          let item = random.item()
          let condition = random.condition(depth: 2)
          var writer = ExpressionWriter()
          let text = writer.write(condition)
          _ = try await client.putItem(PutItemInput(tableName: table, item: item))
          let input = PutItemInput(
            tableName: table, item: item, conditionExpression: text, expressionAttributeNames: writer.attributeNames,
            expressionAttributeValues: writer.attributeValues)
          let error = await failure { () throws(DynamoDBError) in try await client.putItem(input) }
          guard error == nil || error?.code == .conditionalCheckFailed else {
            Issue.record("number \(number): \(text) of \(item) with \(writer.attributeValues ?? [:]): \(error?.message ?? "")")
            continue
          }
          let expected = condition.evaluate(on: item)
          held += expected ? 1 : 0
          #expect((error == nil) == expected, "number \(number): \(text) of \(item) with \(writer.attributeValues ?? [:])")
        }
        #expect((20...180).contains(held))
      }
    }
  }
}

/// Makes up conditions that every engine takes: without operands of a type that an operator refuses, and no path against itself.
private struct ConditionGenerator {
  private var state: UInt64
  private var values = 0

  init(seed: UInt64) { state = seed }

  private mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }

  private mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

  mutating func item() -> Item {
    var item: Item = ["id": "k"]
    for name in ["a", "b", "c", "d"] where below(4) > 0 { item[name] = value(depth: 1) }
    return item
  }

  private mutating func value(depth: Int) -> AttributeValue {
    switch below(depth > 0 ? 12 : 6) {
    case 0, 1: .number(one(of: [0, 1, -5, 10, 100, 12_345_678_901_234_567]))
    case 2, 3: .string(one(of: ["a", "ab", "abc", "b", "hello", "S", "N"]))
    case 4: .bool(below(2) == 0)
    case 5: .binary(one(of: [[1], [1, 2], [128], [127], [2, 3]]))
    case 6: .list((0..<below(3)).map { _ in value(depth: depth - 1) })
    case 7, 8: .map(AttributeMap(["x", "y"].prefix(below(3)).map { (name: $0, value: value(depth: depth - 1)) }))
    case 9: .stringSet(one(of: [["a"], ["a", "b"], ["b", "S"]]))
    case 10: .numberSet(one(of: [[1], [1, 10], [-5, 100]]))
    default: .null
    }
  }

  private mutating func path() -> DocumentPath {
    var text = one(of: ["a", "b", "c", "d", "gone"])
    if below(4) == 0 { text += one(of: [".x", ".y", "[0]", "[1]"]) }
    return (try? ProjectionExpression(parsing: text))?.paths.first ?? DocumentPath(root: "a")
  }

  private mutating func constant(_ value: AttributeValue) -> Operand {
    values += 1
    return .value(ExpressionValue(placeholder: ":v\(values)", value: value))
  }

  private mutating func scalar() -> AttributeValue {
    below(2) == 0 ? .number(one(of: [0, 1, 2, 10, 100])) : .string(one(of: ["a", "ab", "b", "hello"]))
  }

  mutating func condition(depth: Int) -> Condition {
    if depth > 0 {
      switch below(6) {
      case 0: return .and([condition(depth: depth - 1), condition(depth: depth - 1)])
      case 1: return .or([condition(depth: depth - 1), condition(depth: depth - 1), condition(depth: depth - 1)])
      case 2: return .not(condition(depth: depth - 1))
      default: break
      }
    }
    switch below(9) {
    case 0, 1: return .comparison(.path(path()), one(of: [.equal, .notEqual]), constant(value(depth: 1)))
    case 2: return .comparison(.path(path()), one(of: Comparator.allCases), constant(scalar()))
    case 3: return .comparison(.size(.path(path())), one(of: Comparator.allCases), constant(.number(one(of: [0, 1, 2, 3]))))
    case 4:
      let bounds: (AttributeValue, AttributeValue) = below(2) == 0 ? (0, 10) : ("a", "b")
      return .between(.path(path()), constant(bounds.0), constant(bounds.1))
    case 5: return .isIn(.path(path()), [constant(value(depth: 1)), constant(value(depth: 1)), constant(scalar())])
    case 6: return below(2) == 0 ? .attributeExists(path()) : .attributeNotExists(path())
    case 7: return below(2) == 0 ? .beginsWith(.path(path()), constant(.string(one(of: ["a", "h", "S"])))) : type()
    default: return .contains(.path(path()), constant(scalar()))
    }
  }

  private mutating func type() -> Condition {
    values += 1
    return .attributeType(
      .path(path()), ExpressionValue(placeholder: ":v\(values)", value: .string(one(of: ["S", "N", "L", "M", "SS", "NULL"]))))
  }
}
