import DualTableMapping
import DynamoDBModel
import Testing

/// One suite for mappings that say the same in YAML, in Swift on raw items, and in Swift between Codable types: the same items and keys,
/// and the same kinds of errors.
@Suite struct MappingContractTests {
  struct Subject: CustomTestStringConvertible, Sendable {
    let name: String
    let mapping: any TableMapping
    let isCodable: Bool
    /// Fixtures that types see otherwise than rules do: what comes of them, nil for an item.
    var differences: [String: String?] = [:]
    var testDescription: String { "\(name) as \(type(of: mapping))" }
  }

  static let subjects = [
    Subject(name: "identity", mapping: RawIdentity(), isCodable: false),
    Subject(name: "identity", mapping: CodableIdentity(), isCodable: true),
    Subject(name: "users", mapping: RawUsers(), isCodable: false),
    Subject(
      name: "users", mapping: CodableUsers(), isCodable: true,
      differences: [
        // To a type `NULL` and an empty map of optionals are nothing.
        "null is no number's text": nil, "profile came empty stays": nil,
        // A type says what the whole attribute is, where a rule asks for a part of it only.
        "profile is text": "wrongType",
        // A decoder knows no lookup, and one kind of bad value.
        "enabled is a truth value": "wrongType", "created with a fraction": "invalidValue",
      ]),
    Subject(name: "orders", mapping: RawOrders(), isCodable: false),
    Subject(
      name: "orders", mapping: CodableOrders(), isCodable: true, differences: ["placed with a fraction": "invalidValue"]),
  ]

  private static let nothings = ["null is no number's text", "profile came empty stays"]

  @Test(arguments: subjects) func fixtures(_ subject: Subject) throws {
    let yaml = try shipped(subject.name)
    var met: Set<String> = []
    for fixture in try Fixture.all(of: subject.name) {
      guard let old = fixture.old else { continue }
      let (expected, found) = (Outcome(yaml, old), Outcome(subject.mapping, old))
      if let difference = subject.differences[fixture.name] {
        met.insert(fixture.name)
        #expect(found.code == difference, "\(fixture.name)")
      } else {
        #expect(expected == found, "\(fixture.name)")
      }
    }
    #expect(met == Set(subject.differences.keys), "a difference that no fixture shows")
  }

  @Test(arguments: subjects) func generatedItems(_ subject: Subject) throws {
    let yaml = try shipped(subject.name)
    var converted = 0
    for seed in 0..<3_000 as Range<UInt64> {
      let old = ShippedMappingTests.item(for: yaml, seed: seed)
      let (expected, found) = (Outcome(yaml, old), Outcome(subject.mapping, old))
      // Of several errors of an item the first counts, and which that is is no part of what a mapping says.
      if !subject.isCodable { #expect(expected.items == found.items, "seed \(seed): \(old)") }
      guard let items = found.items else { continue }
      // Types may take more than rules do, but what both take becomes the same; `NULL` or an empty map for a part asked for is nothing.
      let isNothing = old["profile"] == .null || old["profile"] == .map([:])
      if subject.isCodable && expected.items != nil && !isNothing { #expect(expected.items == items, "seed \(seed): \(old)") }
      converted += 1
      for item in items {
        let key = try #require(subject.mapping.newSchema.key(of: item))
        #expect(try subject.mapping.oldKey(for: key) == subject.mapping.oldSchema.key(of: old), "seed \(seed)")
      }
    }
    #expect(converted > 50, "the items hardly ever convert")
  }

  /// NEW keys, those of items and others, lead to the same OLD keys.
  @Test(arguments: subjects) func oldKeys(_ subject: Subject) throws {
    let yaml = try shipped(subject.name)
    let texts = ["", "u1", "CUSTOMER#", "CUSTOMER#c", "CUSTOMER##", "ORDER#", "ORDER#o", "ORDER##1#", "META", "META2", "é", "e\u{301}"]
    for hash in texts {
      for range in texts {
        var key = Item()
        for (attribute, text) in zip(subject.mapping.newSchema.attributes, [hash, range]) { key[attribute.name] = .string(text) }
        guard (try? subject.mapping.newSchema.validKey(of: key)) != nil else { continue }
        #expect(try subject.mapping.oldKey(for: key) == yaml.oldKey(for: key), "\(key)")
      }
    }
  }

  /// Where the way back is written, it leads back, but for what the mapping throws away.
  @Test(arguments: [RawUsers(), CodableUsers()] as [any RevertibleMapping]) func wayBack(_ mapping: any RevertibleMapping) throws {
    func check(_ mapping: some RevertibleMapping, _ old: Item, _ name: Comment) throws {
      guard let new = try? mapping.checkedConvert(old).first else { return }
      let back = try mapping.reverted.checkedConvert(new)
      #expect(back == [old], name)
    }
    var checked = 0
    for fixture in try Fixture.all(of: "users") {
      guard let old = fixture.old, !Self.nothings.contains(fixture.name) else { continue }
      try check(mapping, old, "\(fixture.name)")
      checked += 1
    }
    #expect(checked > 20)
    #expect(mapping.newSchema == KeySchema(hash: .init("id", .string)))
  }
}

/// What comes of an item, whoever converts it.
private struct Outcome: Equatable {
  var items: [Item]?
  var code: String?

  init(_ mapping: some TableMapping, _ old: Item) {
    do { items = try mapping.checkedConvert(old) } catch { code = error.code.description }
  }
}
