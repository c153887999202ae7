import DualTableMapping
import DualTableRehearsal
import DynamoDBModel
import Testing

@Suite struct ItemMakerTests {
  static let mappings: [(name: String, yaml: String)] = [
    ("users", RehearsalTests.file("users")),
    ("identity", "version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}\nrest: keep"),
    ("numbers", "version: 1\nold: {hash: {id: N}}\nnew: {hash: {id: S}}\nkey: {id: {was: number, type: string}}\nrest: keep"),
    ("bytes", "version: 1\nold: {hash: {id: B}, range: {at: N}}\nnew: {hash: {id: B}, range: {at: N}}\nkey: {id: id, at: at}\nrest: drop"),
    (
      "composite",
      """
      version: 1
      old: {hash: {tenant: S}, range: {id: S}}
      new: {hash: {pk: S}}
      key: {pk: {template: "T#{tenant}#{id}"}}
      attributes:
        at: {from: "meta.times[1].at", was: epoch-milliseconds, type: iso8601}
        tags: {was: string-set, type: list}
        kind: {parse: "KIND#{kind}"}
      skip-when: {equals: {state: gone}}
      rest: keep
      """
    ),
    ("strict", "version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}\nattributes: {name: title}\nrest: error"),
  ]

  static func compile(_ yaml: String) throws -> CompiledMapping { try CompiledMapping(yaml: Array(yaml.utf8), file: "test.yaml") }

  @Test(arguments: mappings) func `items fit the mapping, and their keys differ`(_ name: String, _ yaml: String) throws {
    let mapping = try Self.compile(yaml)
    let maker = ItemMaker(mapping: mapping, seed: 7)
    var keys: Set<Item> = []
    var skipped = 0
    for number in 0..<1_000 {
      let item = try maker.item(number)
      if try mapping.checkedConvert(item).isEmpty { skipped += 1 }
      let key = try #require(mapping.oldSchema.key(of: item))
      #expect(keys.insert(key).inserted, "item \(number) of seed 7 has a key that another has")
    }
    if name == "composite" {
      #expect(skipped > 10 && skipped < 200, "some items are skipped, most are not")
    } else {
      #expect(skipped == 0)
    }
  }

  @Test(arguments: ["users", "identity"]) func `items have about 700 bytes`(_ name: String) throws {
    let yaml = try #require(Self.mappings.first { $0.name == name }?.yaml)
    let maker = ItemMaker(mapping: try Self.compile(yaml), seed: 3)
    let sizes = try (0..<2_000).map { try maker.item($0).sizeInBytes }
    let average = sizes.reduce(0, +) / sizes.count
    #expect((600...800).contains(average), "\(average) bytes on average")
    #expect(sizes.contains { $0 > 10_000 })
    #expect(sizes.contains { $0 < 500 })
  }

  @Test func `the same seed makes the same items, another one others`() throws {
    let mapping = try RehearsalTests.mapping("users")
    let maker = ItemMaker(mapping: mapping, seed: 11)
    let other = ItemMaker(mapping: mapping, seed: 12)
    for number in [0, 1, 999, 123_456] {
      #expect(try maker.item(number) == ItemMaker(mapping: mapping, seed: 11).item(number))
      #expect(try maker.item(number) != other.item(number))
      #expect(try maker.item(number) != maker.item(number + 1))
    }
  }

  /// What makes the items worth migrating: every type, nested and at the root, and text that needs care.
  @Test func `items are awkward`() throws {
    let maker = ItemMaker(mapping: try RehearsalTests.mapping("users"), seed: 1)
    var types: Set<AttributeType> = []
    var deepest = 0
    var texts = ""
    func visit(_ value: AttributeValue, depth: Int) {
      types.insert(value.type)
      deepest = max(deepest, depth)
      switch value {
      case .string(let text): texts += text
      case .list(let values): for value in values { visit(value, depth: depth + 1) }
      case .map(let map): for (_, value) in map { visit(value, depth: depth + 1) }
      default: break
      }
    }
    for number in 0..<500 { for (_, value) in try maker.item(number) { visit(value, depth: 0) } }
    #expect(types.count == 10)
    #expect(deepest >= 28)
    for text in ["\u{0}", "🙂", "\"", "\\", "\u{2028}"] { #expect(texts.unicodeScalars.contains(text.unicodeScalars.first!)) }
  }

  @Test func `a mapping that takes nothing is told`() throws {
    struct Refusing: TableMapping {
      let identity = "refusing"
      let oldSchema = KeySchema(hash: .init("id", .string))
      let newSchema = KeySchema(hash: .init("id", .string))
      func convert(_ item: Item) throws(ConversionError) -> [Item] { throw ConversionError(.other) }
      func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey }
    }
    let error = try #require(throws: RehearsalError.self) { try ItemMaker(mapping: Refusing(), seed: 1).item(0) }
    #expect(
      error.description
        == "No item could be made up that fits the mapping (other: the mapping refuses the item); fill the old table by other means.")
  }
}
