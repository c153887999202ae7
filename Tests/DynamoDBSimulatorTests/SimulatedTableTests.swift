import DynamoDBModel
import HTTPTransport
import Testing

@testable import DynamoDBSimulator

@Suite("A simulated table")
struct SimulatedTableTests {
  private static func table(_ count: Int) throws -> SimulatedTable {
    let schema = KeySchema(hash: .init("p", .string), range: .init("s", .number))
    var table = SimulatedTable(
      TableDefinition(
        name: "t", arn: "", id: "", created: 0, schema: schema, attributes: schema.attributes, isOnDemand: true, throughput: Throughput(),
        change: (.active, 0)), indexes: [])
    var workspace = Workspace()
    for number in 0..<count {
      let item: Item = ["p": .string("p-\(number / 3)"), "s": .number(DynamoDBNumber(number % 3)), "v": .number(DynamoDBNumber(number))]
      let (place, stored) = try Self.stored(item, in: table, &workspace)
      table.apply(table.write(stored, at: place, &workspace))
    }
    return table
  }

  private static func stored(
    _ item: Item, in table: SimulatedTable, _ workspace: inout Workspace
  ) throws -> (place: Place, item: StoredItem) {
    var bytes = ByteBuffer()
    item.encode(into: &bytes)
    _ = try workspace.tape.read(bytes.span)
    let place = try table.place(ofItem: workspace.tape, bytes.span, &workspace.scratch)
    return (place, StoredItem(workspace.tape, bytes.span, &workspace.scratch))
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
      SimulatedTable.scan(table.items, segment: segment, of: total, after: nil) { _, stored in
        #expect(seen.updateValue(segment, forKey: stored.item) == nil)
        return true
      }
    }
    return seen
  }

  @Test("A scan goes on behind any place, also one that was deleted meanwhile")
  func resume() throws {
    var table = try Self.table(90)
    var workspace = Workspace()
    var order: [Place] = []
    table.items.walk(from: .first) { place, _ in
      order.append(place)
      return true
    }
    for (index, place) in order.enumerated() {
      if index % 2 == 0 { table.apply(table.write(nil, at: place, &workspace)) }
      var rest: [Place] = []
      SimulatedTable.scan(table.items, segment: 0, of: 1, after: place) { place, _ in
        rest.append(place)
        return true
      }
      #expect(rest == Array(order[(index + 1)...]))
    }
    #expect(table.count == 45)
  }

  @Test("Sizes add up whatever is put in place of what")
  func sizes() throws {
    var table = try Self.table(30)
    var workspace = Workspace()
    let (place, stored) = try Self.stored(["p": "p-1", "s": 1, "text": "much longer than before"], in: table, &workspace)
    table.apply(table.write(stored, at: place, &workspace))
    var sum = 0
    table.items.walk(from: .first) { _, stored in
      sum += stored.size
      return true
    }
    #expect(table.sizeInBytes == sum && sum > 0)
  }
}
