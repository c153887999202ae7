import DualTableMapping
import DynamoDBModel
import Foundation
import HTTPTransport
import Testing

/// The mappings that the kit ships, on whole items: those of the fixtures, generated ones, and very large ones.
@Suite struct ShippedMappingTests {
  static let names = ["users", "orders", "identity"]

  @Test(arguments: names) func fixtures(_ name: String) throws {
    let mapping = try shipped(name)
    let fixtures = try Fixture.all(of: name)
    #expect(fixtures.count > 4)
    for fixture in fixtures {
      let comment: Comment = "\(fixture.name)"
      guard let old = fixture.old else {
        #expect(throws: DynamoDBModelError.self, comment) { try Item(wire: fixture.wire.span) }
        continue
      }
      if let error = fixture.error {
        #expect(throws: ConversionError.self, comment) { try mapping.convert(old) }
        #expect(onValues(mapping, old) == error, comment)
        #expect(onBytes(mapping, old) == error, comment)
      } else {
        #expect(try mapping.convert(old).map(\.description) == fixture.new.map(\.description), comment)
        #expect(try convertOnBytes(mapping, fixture.wire) == fixture.new.map(\.description), comment)
      }
    }
  }

  /// `oldKey(newKey(convert(item))) == key(item)`, and both executions alike.
  @Test(arguments: names) func keysLeadBack(_ name: String) throws {
    let mapping = try shipped(name)
    var converted = 0
    for seed in 0..<2_000 as Range<UInt64> {
      let old = Self.item(for: mapping, seed: seed)
      guard let news = try? mapping.convert(old) else { continue }
      converted += 1
      for new in news {
        let newKey = try #require(mapping.newSchema.key(of: new))
        #expect(try mapping.oldKey(for: newKey) == mapping.oldSchema.key(of: old), "seed \(seed): \(old)")
      }
      var bytes = ByteBuffer()
      old.encode(into: &bytes)
      #expect(try convertOnBytes(mapping, [UInt8](copying: bytes.span)) == news.map(\.description), "seed \(seed): \(old)")
    }
    #expect(converted > 50)
  }

  /// An item that the shipped mappings have something to do with.
  static func item(for mapping: some TableMapping, seed: UInt64) -> Item {
    var generator = ItemGenerator(
      random: SeededGenerator(seed: seed),
      names: [
        "profile", "email", "age", "created", "enabled", "phone", "expires", "customerId", "placed", "lines", "qty", "kind", "contact",
      ],
      listNames: ["lines"])
    let key = mapping.oldSchema.hash.name
    return generator.item(key: [(key, .string("\(generator.random.pick(ItemGenerator.texts))\(seed)"))])
  }

  @Test func sizeAtTheLimit() throws {
    let mapping = try shipped("users")
    // What the rules add to the item: "schema" and a number of one digit.
    let added = 6 + 2
    for (size, fits) in [(Item.largestSize - added, true), (Item.largestSize - added + 1, false)] {
      var old: Item = ["id": "1", "profile": ["é": "😀"]]
      old["text"] = .string(String(repeating: "x", count: size - old.sizeInBytes - 4))
      #expect(old.sizeInBytes == size)
      #expect((onValues(mapping, old) == "itemTooLarge - - -") == !fits)
      #expect((onBytes(mapping, old) == "itemTooLarge - - -") == !fits)
    }
  }

  @Test func otherKeysHaveNoOldItem() throws {
    let orders = try shipped("orders")
    #expect(try orders.oldKey(for: ["pk": "CUSTOMER#c", "sk": "ORDER#o"]) == ["orderId": "o"])
    #expect(try orders.oldKey(for: ["pk": "ORDER#o", "sk": "META"]) == ["orderId": "o"])
    for key: Item in [
      ["pk": "ORDER#o", "sk": "META2"], ["pk": "ORDER#o", "sk": "ORDER#o"], ["pk": "CUSTOMER#c", "sk": "META"], ["pk": "x", "sk": "META"],
      ["pk": "CUSTOMER#c", "sk": "ORDER#"], ["pk": "ORDER#", "sk": "META"], ["pk": 1, "sk": "META"], ["pk": "ORDER#o"],
    ] {
      #expect(try orders.oldKey(for: key) == nil, "\(key)")
    }
  }

  @Test func digestsAreOfWhatTheFileSays() throws {
    let users = String(decoding: try file("Mappings/users.yaml"), as: UTF8.self)
    let digest = try shipped("users").digest
    #expect(digest.count == 64)
    let lines = users.split(separator: "\n").map(String.init)
    let moved = lines.filter { !$0.hasPrefix("  email") && !$0.hasPrefix("ttl") }.map {
      $0 == "attributes:" ? "attributes:\n  email:   profile.email # moved" : $0
    }
    #expect(try CompiledMapping(yaml: Array(moved.joined(separator: "\n").utf8), file: "m").digest == digest)
    for (old, new) in [
      ("const: 2", "const: 3"), ("rest: keep", "rest: drop"), ("iso8601}", "iso8601, lossy: true}"), ("{\"Y\": true", "{\"J\": true"),
    ] {
      let changed = users.replacingOccurrences(of: old, with: new)
      #expect(changed != users)
      #expect(try CompiledMapping(yaml: Array(changed.utf8), file: "m").digest != digest, "\(new)")
    }
  }
}

/// A file of the package.
func file(_ path: String) throws -> [UInt8] {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  return Array(try Data(contentsOf: root.appending(path: path)))
}

func shipped(_ name: String) throws -> CompiledMapping {
  try CompiledMapping(yaml: try file("Mappings/\(name).yaml"), file: "\(name).yaml")
}

/// The NEW items that all blocks make of an item in wire form, as values would be written.
func convertOnBytes(_ mapping: CompiledMapping, _ bytes: [UInt8]) throws -> [String] {
  var tape = ItemTape()
  _ = try tape.read(bytes.span)
  var converter = ItemConverter(mapping)
  var results: [String] = []
  for result in 0..<(try converter.begin(tape, bytes.span)) {
    var out = ByteBuffer()
    if try converter.write(result, of: tape, bytes.span, to: &out) {
      results.append(try Item(wire: out.span).description)
    }
  }
  return results
}
