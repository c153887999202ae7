import DualTableMapping
import DynamoDBModel
import HTTPTransport
import Testing

/// A mapping cut down to its keys yields the keys that the whole one yields, from the attributes that it names.
@Suite struct KeysOnlyTests {
  @Test(arguments: AgreementTests.samples) func sameKeys(_ sample: AgreementTests.Sample) throws {
    let mapping = try CompiledMapping(yaml: Array(sample.yaml.utf8), file: "sample")
    let (cut, attributes) = mapping.keysOnly
    #expect(Array(attributes.prefix(mapping.oldSchema.attributes.count)) == mapping.oldSchema.attributes.map(\.name))
    var converted = 0
    for seed in 0..<300 as Range<UInt64> {
      var generator = ItemGenerator(random: SeededGenerator(seed: seed), names: sample.names)
      var key: [(String, AttributeValue)] = []
      for attribute in mapping.oldSchema.attributes {
        key.append((attribute.name, attribute.type == .number ? .number(DynamoDBNumber(Int(seed))) : .string("i\(seed)")))
      }
      let item = generator.item(key: key)
      guard let whole = try? mapping.convert(item) else { continue }
      converted += 1
      var projected = Item()
      for name in attributes { projected[name] = item[name] }
      #expect(try cut.convert(projected) == whole.map { mapping.newSchema.key(of: $0)! }, "seed \(seed): \(item)")
      #expect(try keysOnBytes(cut, projected) == whole.map { mapping.newSchema.key(of: $0)! }, "seed \(seed): \(item)")
    }
    #expect(converted > 10, "the items of this sample hardly ever convert")
  }

  @Test func whatIsReadIsNamed() throws {
    let cut = try mapping(
      "attributes: {email: profile.email}\nskip-when: {equals: {kind.of: test}}\nrest: keep", new: "{hash: {pk: S}, range: {sk: S}}",
      key: "{pk: {template: \"I#{id}\"}, sk: {from: sorting.by, default: META}}"
    ).keysOnly
    #expect(cut.attributes.sorted() == ["_dt", "id", "kind", "sorting"])
  }

  private func keysOnBytes(_ mapping: CompiledMapping, _ item: Item) throws -> [Item] {
    var input = ByteBuffer()
    item.encode(into: &input)
    var tape = ItemTape()
    _ = try tape.read(input.span)
    var converter = ItemConverter(mapping)
    var results: [Item] = []
    for result in 0..<(try converter.begin(tape, input.span)) {
      var out = ByteBuffer()
      if try converter.write(result, of: tape, input.span, to: &out) { results.append(try Item(wire: out.span)) }
    }
    return results
  }
}
