import DualTableMapping
import DynamoDBModel
import HTTPTransport
import Testing

/// What leads back leads back: generated mappings of the whole language, and items that fit them.
@Suite struct InverseTests {
  /// What came of one mapping's items.
  struct Tally {
    var items = 0
    var converted = 0
    var restored = 0
    var mappings = 0
    var inverses = 0
  }

  @Test(arguments: 0..<8) func generatedMappings(_ part: Int) throws {
    var tally = Tally()
    for number in 0..<60 {
      let seed = UInt64(part * 1_000 + number)
      var generator = MappingGenerator(random: SeededGenerator(seed: seed))
      let yaml = generator.file()
      try judge(yaml, seed: seed, items: 40, &tally)
    }
    #expect(tally.converted * 4 > tally.items, "the generated items hardly ever convert: \(tally)")
    #expect(tally.inverses * 8 > tally.mappings, "the generated mappings hardly ever have an inverse: \(tally)")
    #expect(tally.restored > 100, "\(tally)")
  }

  @Test(arguments: ["users", "orders", "identity"]) func shippedMappings(_ name: String) throws {
    var tally = Tally()
    try judge(String(decoding: file("Mappings/\(name).yaml"), as: UTF8.self), seed: 7, items: 3_000, &tally)
    #expect(tally.converted > 500, "\(tally)")
    #expect(name == "orders" || tally.restored > 500, "\(tally)")
  }

  private func judge(_ yaml: String, seed: UInt64, items: Int, _ tally: inout Tally) throws {
    let mapping: CompiledMapping
    do { mapping = try CompiledMapping(yaml: Array(yaml.utf8), file: "seed \(seed)") } catch {
      Issue.record("\(error)\n\(yaml)")
      return
    }
    tally.mappings += 1
    var back: CompiledMapping?
    var forth: CompiledMapping?
    if let file = try? mapping.inverse() {
      tally.inverses += 1
      do throws(MappingFindings) {
        back = try CompiledMapping(yaml: Array(file.utf8), file: "inverse of seed \(seed)")
        let again = try back!.inverse()
        forth = try CompiledMapping(yaml: Array(again.utf8), file: "inverse of the inverse of seed \(seed)")
      } catch {
        Issue.record("\(error)\n\(yaml)\n\(file)")
        return
      }
    }
    var made = FittingItems(mapping, seed: seed)
    for _ in 0..<items {
      let item = made.item()
      let comment: Comment = "seed \(seed): \(item)\n\(yaml)\n\((try? mapping.inverse()) ?? "")"
      tally.items += 1
      let results = try compare(mapping, item, comment)
      if let results, !results.isEmpty { tally.converted += 1 }
      for new in results ?? [] {
        let key = try #require(mapping.newSchema.key(of: new), comment)
        #expect(try mapping.oldKey(for: key) == mapping.oldSchema.key(of: item), comment)
        // What a file says itself of its way back may lose what it likes.
        guard let back, !yaml.contains("revert:") else { continue }
        // An item of another block is skipped; an error is an error of that item, never another item.
        guard let restored = try? back.convert(new), let first = restored.first else { continue }
        #expect(restored.count == 1 && first == item, "\(comment)\nnew \(new)\nback \(first)")
        tally.restored += 1
      }
      if let forth, !yaml.contains("items:") {
        // Of what a file's own `revert` brings in, nothing can say that it is an error.
        if results != nil || !yaml.contains("revert:") {
          #expect((try? forth.convert(item)) == results, "\(comment)\n\((try? back?.inverse()) ?? "")")
        }
      }
    }
  }

  /// Both executions; what they agree on, nil for an error.
  private func compare(_ mapping: CompiledMapping, _ item: Item, _ comment: Comment) throws -> [Item]? {
    let onValues = Result { try mapping.convert(item) }
    let onBytes = Result { try convertOnBytes(mapping, item) }
    switch (onValues, onBytes) {
    case (.success(let values), .success(let bytes)):
      #expect(values.map(\.description) == bytes, comment)
      return values
    case (.failure(let left), .failure(let right)):
      #expect((left as? ConversionError) == (right as? ConversionError), comment)
    default:
      // Bytes go by block: what only all results together show is left to who has them all.
      let code = (onValues.error as? ConversionError)?.code
      #expect(code == .duplicateKey || code == .keyMismatch, comment)
    }
    return nil
  }

  private func convertOnBytes(_ mapping: CompiledMapping, _ item: Item) throws -> [String] {
    var input = ByteBuffer()
    item.encode(into: &input)
    var tape = ItemTape()
    _ = try tape.read(input.span)
    var converter = ItemConverter(mapping)
    var results: [String] = []
    for result in 0..<(try converter.begin(tape, input.span)) {
      var out = ByteBuffer()
      if try converter.write(result, of: tape, input.span, to: &out) { results.append(String(copying: out.span)) }
    }
    return results
  }
}

extension Result {
  fileprivate var error: Failure? { if case .failure(let error) = self { error } else { nil } }
}
