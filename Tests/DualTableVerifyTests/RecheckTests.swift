import DualTableMapping
import DynamoDBModel
import Testing

@testable import DualTableVerify

@Suite struct RecheckTests {
  static let newKey: Item = ["pk": .string("USER#u"), "n": .number(DynamoDBNumber(7))]
  static let oldKey: Item = ["id": .string("u")]
  static let live: Item = ["pk": .string("USER#u"), "n": .number(DynamoDBNumber(7)), "v": .null]

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
      ([nil, ["id": .string("u")], nil], .missing(oldKey)),
    ] as [([Item?], Recheck.Verdict)])
  func `a suspect ends in one verdict`(answers: [Item?], verdict: Recheck.Verdict) {
    var recheck = Recheck(newKey: Self.newKey, mapping: TestMapping())
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
      (["id": .string("u"), "twin": .null], .missing(Self.oldKey)), (["id": .string("u")], .gone),
    ] as [(Item, Recheck.Verdict)] {
      var recheck = Recheck(newKey: key, mapping: TestMapping())
      recheck.answered(nil)
      recheck.answered(item)
      if recheck.step == .readNew(key) { recheck.answered(nil) }
      #expect(recheck.step == .done(verdict))
    }
  }

  @Test func `a key that leads nowhere is undecided`() {
    var recheck = Recheck(newKey: ["pk": .string("other"), "n": .number(DynamoDBNumber(7))], mapping: TestMapping())
    recheck.answered(nil)
    #expect(recheck.step == .done(.undecided))
  }
}
