import DualTableMapping
import DynamoDBModel
import HTTPTransport
import Testing

@testable import DualTableVerify

@Suite struct RecheckTests {
  static let newKey: Item = ["pk": .string("USER#u"), "n": .number(DynamoDBNumber(7))]
  static let oldKey: Item = ["id": .string("u")]
  static let live: Item = ["pk": .string("USER#u"), "n": .number(DynamoDBNumber(7)), "v": .null]

  static let digester = IDDigester(seed: 1)
  static let otherwise = (try? DynamoDBNumber("1.0")) ?? DynamoDBNumber(0)

  static func rules(content: Bool = false, written: String? = nil) -> Recheck.Rules {
    Recheck.Rules(mapping: TestMapping(), digester: digester, comparesContent: content, writtenAttribute: written)
  }

  static func content(_ item: Item) -> ContentDigest {
    var bytes = ByteBuffer()
    item.appendCanonical(to: &bytes)
    return digester.content(bytes.span)
  }

  /// What NEW holds is judged by what OLD yields, by what the scan saw, and by the attribute that each write changes.
  @Test(
    arguments: [
      ("the same", ["v": .number(DynamoDBNumber(1))], nil, "present"),
      ("a number written otherwise", ["v": .number(otherwise)], nil, "present"),
      ("another value", ["v": .number(DynamoDBNumber(2))], nil, "differing"),
      ("an attribute too many", ["v": .number(DynamoDBNumber(1)), "x": .null], nil, "differing"),
      ("another value, and not written", ["v": .number(DynamoDBNumber(2))], "at", "differing"),
      ("another value, and written", ["v": .number(DynamoDBNumber(2)), "at": .number(DynamoDBNumber(5))], "at", "superseded"),
      ("a tombstone", ["_dt": .number(DynamoDBNumber(1))], nil, "present"),
    ] as [(String, Item, String?, String)])
  func `contents are compared canonically`(what: String, more: Item, written: String?, expected: String) {
    var found = Self.newKey
    for (name, value) in more { found[name] = value }
    let old: Item = ["id": .string("u"), "v": .number(DynamoDBNumber(1))]
    for seen in [ContentDigest.tombstone, Self.content(found)] {
      var recheck = Recheck(Suspect(newKey: Self.newKey, seen: seen), Self.rules(content: true, written: written))
      recheck.answered(found)
      if recheck.step == .readOld(Self.oldKey) { recheck.answered(old) }
      #expect(Self.name(recheck.step) == expected, "\(what)")
    }
    // Whoever wrote it while the scan went by, it was the service: the backfill only puts where nothing is.
    var recheck = Recheck(Suspect(newKey: Self.newKey, seen: ContentDigest(value: 99)), Self.rules(content: true, written: written))
    recheck.answered(found)
    if recheck.step == .readOld(Self.oldKey) { recheck.answered(old) }
    #expect(Self.name(recheck.step) == (expected == "differing" ? "superseded" : expected), "\(what)")
  }

  private static func name(_ step: Recheck.Step) -> String {
    guard case .done(let verdict) = step else { return "\(step)" }
    return "\(verdict)".prefix { $0 != "(" }.description
  }

  @Test(
    arguments: [
      // NEW, OLD, NEW again; what is read after the verdict doesn't matter
      ([live], .present),
      ([["pk": .string("USER#u"), "n": .number(DynamoDBNumber(7)), "_dt": .number(DynamoDBNumber(1))]], .present),
      ([nil, nil], .gone),
      ([nil, ["id": .string("u"), "skip": .null]], .gone),
      (
        [nil, ["id": .string("u"), "bad": .null]], .unconvertible(oldKey, ConversionError(.wrongType, rule: "r", path: "bad", found: "S"))
      ),
      ([nil, ["id": .string("u")], live], .present),
      ([nil, ["id": .string("u")], nil], .missing(oldKey, lost: live)),
    ] as [([Item?], Recheck.Verdict)])
  func `a suspect ends in one verdict`(answers: [Item?], verdict: Recheck.Verdict) {
    var recheck = Recheck(Suspect(newKey: Self.newKey, seen: .tombstone), Self.rules())
    let steps: [Recheck.Step] = [.readNew(Self.newKey), .readOld(Self.oldKey), .readNew(Self.newKey)]
    for (answer, step) in zip(answers, steps) {
      #expect(recheck.step == step)
      recheck.answered(answer)
    }
    #expect(recheck.step == .done(verdict))
  }

  @Test func `another result of the same old item is another id`() {
    let key: Item = ["pk": .string("TWIN#u"), "n": .number(DynamoDBNumber(8))]
    for (item, verdict) in [
      (["id": .string("u"), "twin": .null], .missing(Self.oldKey, lost: key)), (["id": .string("u")], .gone),
    ] as [(Item, Recheck.Verdict)] {
      var recheck = Recheck(Suspect(newKey: key, seen: .tombstone), Self.rules())
      recheck.answered(nil)
      recheck.answered(item)
      if recheck.step == .readNew(key) { recheck.answered(nil) }
      #expect(recheck.step == .done(verdict))
    }
  }

  @Test func `a key that leads nowhere is undecided`() {
    let key: Item = ["pk": .string("other"), "n": .number(DynamoDBNumber(7))]
    var recheck = Recheck(Suspect(newKey: key, seen: .tombstone), Self.rules())
    recheck.answered(nil)
    #expect(recheck.step == .done(.undecided))
  }
}
