import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import Testing

/// The tables of a migration whose reads are pages: a mapping, and items for it.
struct PageTables: Sendable, CustomTestStringConvertible {
  /// Where an OLD item lies: in which partition, at which sort key.
  struct Place: Sendable, Hashable {
    let partition: String
    let number: Int
  }

  let name: String
  let mapping: CompiledMapping
  /// The index of NEW's that is queried; nil for the table.
  var index: String?
  /// What all indexes hold.
  var projection = Projection(projectionType: .all)
  var testDescription: String { name }

  private let makesItem: @Sendable (Place) -> Item

  init(_ name: String, index: String? = nil, _ yaml: String, _ makesItem: @escaping @Sendable (Place) -> Item = { _ in [:] }) {
    self.name = name
    self.index = index
    self.makesItem = makesItem
    do { mapping = try CompiledMapping(yaml: Array("version: 1\n\(yaml)".utf8), file: "\(name).yaml") } catch {
      preconditionFailure("\(error)")
    }
  }

  static let sameKey = PageTables(
    "same key",
    """
    old: {hash: {h: S}, range: {r: S}}
    new: {hash: {h: S}, range: {r: S}}
    key: {h: h, r: r}
    attributes: {v: p.v}
    rest: keep
    """
  ) { ["h": .string($0.partition), "r": .string("0\($0.number)")] }

  static let rekeyed = PageTables(
    "re-keyed",
    """
    old: {hash: {h: S}, range: {r: S}}
    new: {hash: {pk: S}, range: {sk: S}}
    key: {pk: {template: "P#{h}"}, sk: {template: "S#{r}"}}
    attributes: {v: p.v}
    rest: keep
    """
  ) { ["h": .string($0.partition), "r": .string("0\($0.number)")] }

  static let queryIndex = PageTables(
    "query-index",
    """
    old: {hash: {id: S}, indexes: {byC: {hash: {c: S}}}}
    new: {hash: {pk: S}, range: {sk: S}}
    query-index: byC
    key: {pk: {template: "C#{c}"}, sk: {template: "O#{id}"}}
    attributes: {v: p.v}
    rest: keep
    old-key: {id: {from: sk, parse: "O#{id}"}}
    """
  ) { ["id": .string("\($0.partition)\($0.number)"), "c": .string($0.partition)] }

  static let fanOut = PageTables(
    "fan-out",
    """
    old: {hash: {h: S}, range: {r: S}}
    new: {hash: {pk: S}, range: {sk: S}}
    items:
    - name: a
      primary: true
      key: {pk: {template: "P#{h}"}, sk: {template: "A#{r}"}}
      attributes: {v: p.v}
      rest: keep
    - name: b
      key: {pk: {template: "P#{h}"}, sk: {template: "B#{r}"}}
      attributes: {v: p.v}
      rest: keep
    """
  ) { ["h": .string($0.partition), "r": .string("0\($0.number)")] }

  /// Two items side by side: the order of both together is OLD's.
  static let fanOutInOrder = PageTables(
    "fan-out in order",
    """
    old: {hash: {h: S}, range: {r: S}}
    new: {hash: {pk: S}, range: {sk: S}}
    keeps-order: true
    items:
    - name: a
      primary: true
      key: {pk: {template: "P#{h}"}, sk: {template: "{r}#A"}}
      attributes: {v: p.v}
      rest: keep
    - name: b
      key: {pk: {template: "P#{h}"}, sk: {template: "{r}#B"}}
      attributes: {v: p.v}
      rest: keep
    """
  ) { ["h": .string($0.partition), "r": .string("0\($0.number)")] }

  /// 10 comes before 9 as text.
  static let orderNotKept = PageTables(
    "order not kept",
    """
    old: {hash: {h: S}, range: {r: N}}
    new: {hash: {pk: S}, range: {sk: S}}
    key: {pk: h, sk: {from: r, was: number, type: string}}
    attributes: {v: p.v}
    rest: keep
    """
  ) { ["h": .string($0.partition), "r": .number(DynamoDBNumber($0.number + 7))] }

  static let sharedIndex = PageTables(
    "shared index", index: "byC",
    """
    old: {hash: {id: S}, indexes: {byC: {hash: {c: S}, range: {t: N}}}}
    new: {hash: {key: S}, indexes: {byC: {hash: {c: S}, range: {t: N}}}}
    key: {key: {template: "N#{id}"}}
    attributes: {v: p.v}
    rest: keep
    """
  ) { ["id": .string("\($0.partition)\($0.number)"), "c": .string($0.partition), "t": 0] }

  static let tables = [sameKey, rekeyed, queryIndex, fanOut, fanOutInOrder, orderNotKept]

  static let partitions = ["x", "y"]
  let places = partitions.flatMap { partition in (0..<6).map { Place(partition: partition, number: $0) } }

  func oldItem(_ place: Place, serial: Int, _ random: inout SeededGenerator) -> Item {
    var item = makesItem(place)
    item["p"] = ["v": .number(DynamoDBNumber(serial))]
    item["f"] = .number(DynamoDBNumber(random.below(2)))
    if item["t"] != nil { item["t"] = .number(DynamoDBNumber(random.below(3))) }
    return item
  }

  func key(of item: Item) -> Item { mapping.newSchema.key(of: item) ?? item }

  /// NEW's item with other values.
  func changed(_ item: Item, serial: Int, _ random: inout SeededGenerator) -> Item {
    var item = item
    item["v"] = .number(DynamoDBNumber(serial))
    item["f"] = .number(DynamoDBNumber(random.below(2)))
    if item["t"] != nil { item["t"] = .number(DynamoDBNumber(random.below(3))) }
    return item
  }

  /// The key of what is queried, and the value of its partition key for a partition.
  func partition(_ name: String) -> (keys: KeySchema, value: AttributeValue) {
    let keys = index == nil ? mapping.newSchema : KeySchema(hash: .init("c", .string), range: .init("t", .number))
    let item = (try? mapping.convert(makesItem(Place(partition: name, number: 0)).merging(["p": ["v": 0]])))?.first
    return (keys, item?[keys.hash.name] ?? nil)
  }

  // MARK: - Tables

  var oldTable: CreateTableInput { table("old", mapping.oldSchema, mapping.indexes.old) }
  var newTable: CreateTableInput { table("new", mapping.newSchema, mapping.indexes.new) }

  private func table(_ name: String, _ keys: KeySchema, _ indexes: [(name: String, keys: KeySchema)]) -> CreateTableInput {
    var input = CreateTableInput(tableName: name, keys: keys)
    for index in indexes {
      for attribute in index.keys.attributes where !input.attributeDefinitions.contains(where: { $0.attributeName == attribute.name }) {
        input.attributeDefinitions.append(AttributeDefinition(attributeName: attribute.name, attributeType: attribute.type))
      }
      let elements = zip(index.keys.attributes, [KeyType.hash, .range]).map { KeySchemaElement(attributeName: $0.name, keyType: $1) }
      let made = SecondaryIndex(indexName: index.name, keySchema: elements, projection: projection)
      // One with the table's partition key and another sort key can be a local one.
      if keys.range != nil, index.keys.hash == keys.hash {
        input.localSecondaryIndexes = (input.localSecondaryIndexes ?? []) + [made]
      } else {
        input.globalSecondaryIndexes = (input.globalSecondaryIndexes ?? []) + [made]
      }
    }
    return input
  }
}
