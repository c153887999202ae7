import DualTableMapping
import DynamoDBModel

/// Makes OLD items that a mapping can convert for the most part, by the shapes that it looks for, with awkward ones among them.
struct FittingItems {
  var generator: ItemGenerator
  private let shapes: [SourceShape]
  private let old: KeySchema

  init(_ mapping: CompiledMapping, seed: UInt64) {
    shapes = mapping.sourceShapes
    old = mapping.oldSchema
    generator = ItemGenerator(random: SeededGenerator(seed: seed), names: ["a", "b", "c", "x", "t0", "box", "list", "other"])
  }

  mutating func item() -> Item {
    var item: AttributeValue = .map(Item())
    for attribute in old.attributes { put(key(attribute), at: [.name(attribute.name)][...], in: &item) }
    for shape in shapes where shape.keyType == nil || generator.random.chance(50) {
      guard generator.random.chance(75), !isKey(shape.path) else { continue }
      put(value(shape.kind), at: shape.path[...], in: &item)
    }
    for shape in shapes where !shape.skipped.isEmpty && generator.random.chance(10) && !isKey(shape.path) {
      put(generator.random.pick(shape.skipped), at: shape.path[...], in: &item)
    }
    if generator.random.chance(50),
      case .map(let map) = generator.item(key: []).isEmpty ? .null : AttributeValue.map(generator.item(key: []))
    {
      for (name, value) in map where generator.random.chance(40) && !isKey([.name(name)]) { put(value, at: [.name(name)][...], in: &item) }
    }
    return item.mapValue ?? Item()
  }

  private func isKey(_ path: [SourceShape.Step]) -> Bool { old.attributes.contains { path.first == .name($0.name) } }

  private mutating func key(_ attribute: KeySchema.Attribute) -> AttributeValue {
    let kind = shapes.first { $0.path == [.name(attribute.name)] }?.kind ?? .any
    let number = Int.random(in: 0..<1_000_000, using: &generator.random)
    switch (attribute.type, kind) {
    case (_, .pattern), (_, .oneOf), (_, .format):
      let value = value(kind)
      if value.type == AttributeType(attribute.type), value != .string("") { return value }
      fallthrough
    case (.string, _):
      return attribute.type == .string
        ? .string("\(generator.random.pick(["", "é", "#", "a/"]))\(number)") : .number(DynamoDBNumber(number))
    case (.number, _): return .number(DynamoDBNumber(number))
    case (.binary, _): return .binary([1, 2, 3])
    }
  }

  private func put(_ value: AttributeValue, at path: ArraySlice<SourceShape.Step>, in parent: inout AttributeValue) {
    guard let step = path.first else {
      parent = value
      return
    }
    switch step {
    case .name(let name):
      var map = parent.mapValue ?? AttributeMap()
      var child = map[name] ?? .null
      put(value, at: path.dropFirst(), in: &child)
      map[name] = child
      parent = .map(map)
    case .index(let index):
      var list = parent.listValue ?? []
      while list.count <= index { list.append(.string("filler")) }
      put(value, at: path.dropFirst(), in: &list[index])
      parent = .list(list)
    }
  }

  private mutating func value(_ kind: SourceShape.Kind) -> AttributeValue {
    switch kind {
    case .any: return generator.value(depth: 1)
    case .token:
      return generator.random.chance(70)
        ? .string("tok\(generator.random.next() % 100)") : .number(DynamoDBNumber(Int(generator.random.next() % 100)))
    case .oneOf(let values): return generator.random.pick(values)
    case .pattern(let pieces):
      return .string(pieces.map { $0 ?? String(generator.random.next() % 1_000) }.joined())
    case .list(let kind): return .list((0..<Int.random(in: 0...3, using: &generator.random)).map { _ in value(kind) })
    case .maps(let shapes):
      return .list(
        (0..<Int.random(in: 0...3, using: &generator.random)).map { _ in
          var map: AttributeValue = .map(AttributeMap())
          for shape in shapes where generator.random.chance(75) { put(value(shape.kind), at: shape.path[...], in: &map) }
          return map
        })
    case .format(let format): return value(of: format)
    }
  }

  private mutating func value(of format: ValueFormat) -> AttributeValue {
    switch format {
    case .string: .string(String(Int(generator.random.next() % 2_000) - 1_000))
    case .number: .number(DynamoDBNumber(Int(generator.random.next() % 2_000) - 1_000))
    case .epochSeconds: .number(DynamoDBNumber(Int(generator.random.next() % 4_000_000_000)))
    case .epochMilliseconds: .number(DynamoDBNumber(Int(generator.random.next() % 4_000_000) * 1_000))
    case .iso8601: .string(generator.random.pick(["2024-02-29T12:34:56Z", "1969-12-31T23:59:59Z", "2038-01-19T03:14:08Z"]))
    case .stringSet: .stringSet(["b", "a", "é"])
    case .numberSet: .numberSet([10, 9, -1])
    case .binarySet: .binarySet([[2], [1, 1]])
    case .list:
      generator.random.pick([.list(["a", "b"]), .list([1, 2, 3]), .list([.binary([1]), .binary([2])]), .list([])])
    case .binary: .binary(Array("bytes\(generator.random.next() % 10)".utf8))
    case .base64: .string("YWJj")
    case .json: .string("{\"a\":[1,null,\"x\"]}")
    case .value: generator.value(depth: 2)
    }
  }
}
