import DynamoDBModel
import Testing

@testable import DynamoDBSimulator

@Suite("A simulated table")
struct SimulatedTableTests {
  private static func table(_ count: Int) throws -> SimulatedTable {
    let request = JSONValue.object([.init("AttributeDefinitions", .array([])), .init("KeySchema", .array([]))])
    var table = SimulatedTable(
      name: "t", schema: KeySchema(hash: .init("p", .string), range: .init("s", .number)), description: try CreateTableShape(request))
    for number in 0..<count {
      let item: Item = ["p": .string("p-\(number / 3)"), "s": .number(DynamoDBNumber(number % 3)), "v": .number(DynamoDBNumber(number))]
      table[try #require(table.place(of: item))] = item
    }
    return table
  }

  @Test("Segments share the items out, each one once, and nest when their number doubles", arguments: [1, 2, 3, 8, 100, 5_000])
  func segments(_ total: Int) throws {
    let table = try Self.table(300)
    let whole = Self.segments(of: table, total)
    let halves = Self.segments(of: table, 2 * total)
    #expect(whole.count == 300)
    for (item, segment) in whole { #expect(halves[item].map { $0 / 2 } == segment) }
  }

  /// The segment of each item.
  private static func segments(of table: SimulatedTable, _ total: Int) -> [Item: Int] {
    var seen: [Item: Int] = [:]
    for segment in 0..<total {
      table.scan(segment: segment, of: total, after: nil) { _, item in
        #expect(seen.updateValue(segment, forKey: item) == nil)
        return true
      }
    }
    return seen
  }

  @Test("A scan goes on behind any place, also one that was deleted meanwhile")
  func resume() throws {
    var table = try Self.table(90)
    var order: [Item] = []
    table.scan(segment: 0, of: 1, after: nil) { _, item in
      order.append(item)
      return true
    }
    for index in order.indices {
      let place = try #require(table.place(of: order[index]))
      if index % 2 == 0 { table[place] = nil }
      var rest: [Item] = []
      table.scan(segment: 0, of: 1, after: place) { _, item in
        rest.append(item)
        return true
      }
      #expect(rest == Array(order[(index + 1)...]))
    }
    #expect(table.count == 45)
  }
}
