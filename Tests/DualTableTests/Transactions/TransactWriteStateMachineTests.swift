import DualTable
import DynamoDBModel
import MigrationControl
import Testing

/// Each order of a transaction's answers as a line: what comes in, and what goes out for it.
@Suite struct TransactWriteStateMachineTests {
  typealias Machine = TransactWriteStateMachine
  typealias Single = GuardedWriteStateMachineTests

  enum Event: Sendable {
    case written
    case cancelled([Machine.Reason?])
    case cancelledAfterLost([Machine.Reason?])
    case newIs([PhysicalItem])
    case oldIs([Item?])
    case promoted
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var rules: [GuardedWriteStateMachine.Rules?]
    var first: Machine.Action
    var steps: [(Event, Machine.Action)]
    var testDescription: String { name }

    init(_ name: String, _ rules: [GuardedWriteStateMachine.Rules?], _ first: Machine.Action, _ steps: [(Event, Machine.Action)]) {
      self.name = name
      self.rules = rules
      self.first = first
      self.steps = steps
    }
  }

  private static let one = Single.one
  private static let two = Single.two
  private static let missing = Machine.Reason.conditionFailed(nil)
  private static let tombstone = Machine.Reason.conditionFailed(Single.tombstone)
  private static func met(_ item: Item) -> Machine.Reason { .conditionFailed(item) }

  private static let put = Single.rules(.put)
  private static let putIfOne = Single.rules(.put, .dualTable, Single.isOne)
  private static let putUnlessOne = Single.rules(.put, .dualTable, Single.isNotOne)
  private static let upsert = Single.rules(.update)
  private static let create = Single.rules(.put, .dualTable, Single.absent)
  private static let silent = Single.rules(.put, .dualTable, Single.isNotOne, silent: true)
  private static let drop = Single.rules(.delete)
  private static let dropUnlessOne = Single.rules(.delete, .dualTable, Single.isNotOne)

  static let cases: [Case] = [
    Case(
      "what needs nothing has no guard", [put, drop, nil], .send([Machine.Guard.none, Machine.Guard.none, nil]), [(.written, .succeed)]),
    Case("what asks something goes out with step 1's guard", [upsert, putIfOne], .send([.live, .live]), [(.written, .succeed)]),
    Case(
      "step 1's guard in 4 and 5", [Single.rules(.update, .newWithTombstones), Single.rules(.put, .new, Single.isOne)],
      .send([.notTombstone, .notTombstone]), [(.written, .succeed)]),

    // Cancelled: the reasons say which keys are missing or tombstones.
    Case(
      "a tombstone and a missing key, turned together", [putUnlessOne, putUnlessOne, upsert], .send([.live, .live, .live]),
      [
        (.cancelled([tombstone, missing, nil]), .readOld([1])), (.oldIs([two]), .send([.tombstone, .missing, .live])), (.written, .succeed),
      ]),
    Case(
      "updates on OLD's items are promoted together", [upsert, upsert, upsert, putUnlessOne], .send([.live, .live, .live, .live]),
      [
        (.cancelled([missing, missing, nil, missing]), .readOld([0, 1, 3])),
        (.oldIs([one, nil, two]), .promote([.init(index: 0, item: one)])), (.promoted, .send([.live, .missing, .live, .missing])),
        (.written, .succeed),
      ]),
    Case(
      "a delete of OLD's item needs no copy", [dropUnlessOne, put], .send([.live, Machine.Guard.none]),
      [(.cancelled([missing, nil]), .readOld([0])), (.oldIs([two]), .send([.missing, Machine.Guard.none])), (.written, .succeed)]),
    Case(
      "creates read OLD first", [create, put, create], .readOld([0, 2]),
      [
        (.oldIs([nil, one]), .readNew([2])), (.newIs([.tombstone]), .send([.missing, Machine.Guard.none, .tombstone])),
        (.written, .succeed),
      ]),
    Case(
      "an engine that keeps silent is read", [silent, nil], .send([.live, nil]),
      [
        (.cancelled([missing, nil]), .readNew([0])), (.newIs([.missing]), .readOld([0])), (.oldIs([nil]), .send([.missing, nil])),
        (.written, .succeed),
      ]),
    Case(
      "in 4 a missing key is absent", [Single.rules(.put, .newWithTombstones, Single.isOne), nil], .send([.notTombstone, nil]),
      [(.cancelled([missing, nil]), .fail(.conditionFailed([.isFalse(nil), .holds])))]),

    // A caller's own false condition is reported with its index.
    Case(
      "false of a live item", [putIfOne, putIfOne, put], .send([.live, .live, Machine.Guard.none]),
      [(.cancelled([nil, met(two), nil]), .fail(.conditionFailed([.holds, .isFalse(two), .holds])))]),
    Case(
      "all that is false is told, before anything is copied", [upsert, putIfOne, putIfOne, putUnlessOne],
      .send([.live, .live, .live, .live]),
      [
        (.cancelled([missing, missing, tombstone, tombstone]), .readOld([0, 1])),
        (.oldIs([one, two]), .fail(.conditionFailed([.holds, .isFalse(two), .isFalse(nil), .holds]))),
      ]),
    Case(
      "false on another table", [upsert, nil], .send([.live, nil]),
      [(.cancelled([missing, met(two)]), .readOld([0])), (.oldIs([nil]), .fail(.conditionFailed([.holds, .isFalse(two)])))]),
    Case(
      "what no guard mends", [upsert, putIfOne], .send([.live, .live]),
      [(.cancelled([.other, met(two)]), .fail(.refused([.holds, .isFalse(two)])))]),
    Case(
      "refused at last, whatever else", [upsert, put], .send([.live, Machine.Guard.none]),
      [
        (.cancelled([missing, .other]), .readOld([0])), (.oldIs([one]), .fail(.refused([.holds, .holds]))),
      ]),

    // The lost one may arrive yet.
    Case(
      "cancelled after a lost answer", [upsert, putIfOne], .send([.live, .live]),
      [(.cancelledAfterLost([missing, nil]), .fail(.outcomeUnknown))]),
  ]

  @Test(arguments: cases) func decides(_ line: Case) {
    var machine = Machine(line.rules)
    #expect(machine.start() == line.first)
    for (number, (event, action)) in line.steps.enumerated() {
      let next: Machine.Action =
        switch event {
        case .written: machine.written()
        case .cancelled(let reasons): machine.cancelled(reasons, afterLost: false)
        case .cancelledAfterLost(let reasons): machine.cancelled(reasons, afterLost: true)
        case .newIs(let found): machine.newRead(found)
        case .oldIs(let items): machine.oldRead(items)
        case .promoted: machine.promotionsEnded()
        }
      #expect(next == action, "step \(number)")
    }
  }

  @Test("transact write: try again, bounded: eight rounds after each action's first refusal, then contention")
  func isBounded() {
    var machine = Machine([Self.putUnlessOne, Self.putUnlessOne])
    #expect(machine.start() == .send([.live, .live]))
    // Another writer deletes and puts, always just before.
    var action = machine.cancelled([Self.tombstone, nil], afterLost: false)
    var sendings = 1
    while case .send = action {
      sendings += 1
      action = machine.cancelled([sendings % 2 == 0 ? Self.met(Self.two) : Self.tombstone, nil], afterLost: false)
    }
    #expect(action == .fail(.contention))
    #expect((8...17).contains(sendings))
  }

  @Test("A hundred actions have eight rounds together, not each") func isBoundedTogether() {
    var machine = Machine(Array(repeating: Self.putUnlessOne, count: 100))
    var action = machine.start()
    var sendings = 0
    while case .send(let guards) = action {
      sendings += 1
      // One action at a time loses its round, another each time.
      let loser = (sendings / 2) % 100
      let reason = guards[loser] == .tombstone ? Self.met(Self.two) : Self.tombstone
      action = machine.cancelled(guards.indices.map { $0 == loser ? reason : nil }, afterLost: false)
    }
    #expect(action == .fail(.contention))
    #expect(sendings < 30)
  }
}
