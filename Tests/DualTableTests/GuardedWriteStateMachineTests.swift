import DualTable
import DynamoDBExpressions
import DynamoDBModel
import MigrationControl
import Testing

/// Each order of answers as a line: what comes in, and what goes out for it.
@Suite struct GuardedWriteStateMachineTests {
  typealias Machine = GuardedWriteStateMachine
  typealias Action = Machine.Action

  enum Event: Sendable {
    case written(Item? = nil)
    case refused(Item? = nil)
    case refusedAfterLost(Item? = nil)
    case newIs(PhysicalItem)
    case oldIs(Item?)
    case promoted
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var rules: Machine.Rules
    var first: Action
    var steps: [(Event, Action)]
    var testDescription: String { name }

    init(_ name: String, _ rules: Machine.Rules, _ first: Action, _ steps: [(Event, Action)]) {
      self.name = name
      self.rules = rules
      self.first = first
      self.steps = steps
    }
  }

  static let one: Item = ["id": "a", "v": 1]
  static let two: Item = ["id": "a", "v": 2]
  static let tombstone: Item = ["id": "a", "_dt": 5]
  /// v = 1
  static let isOne = Condition.comparison(
    .path(DocumentPath(root: "v")), .equal, .value(ExpressionValue(placeholder: ":v", value: 1)))
  /// v <> 1: true of nothing, too
  static let isNotOne = Condition.not(isOne)
  static let absent = Condition.attributeNotExists(DocumentPath(root: "id"))

  static func rules(
    _ kind: Machine.Kind, _ phase: MigrationPhase = .dualTable, _ condition: Condition? = nil, returnsOld: Bool = false,
    silent: Bool = false, token: Bool = false
  ) -> Machine.Rules {
    Machine.Rules(
      kind: kind, phase: phase, condition: condition, keyAttributes: ["id"], returnsOld: returnsOld, isIdempotent: token,
      refusalsCarryItems: !silent)
  }

  static let cases: [Case] = [
    // Whole items without a condition need nothing from what they replace.
    Case("put", rules(.put), .send(.none), [(.written(), .succeed(.answer))]),
    Case("delete", rules(.delete), .send(.none), [(.written(), .succeed(.answer))]),
    Case("put in 4", rules(.put, .newWithTombstones), .send(.none), [(.written(), .succeed(.answer))]),
    Case("delete in 5", rules(.delete, .new), .send(.none), [(.written(), .succeed(.answer))]),
    Case("put returning a live item", rules(.put, returnsOld: true), .send(.none), [(.written(one), .succeed(.answer))]),
    Case("put returning a tombstone", rules(.put, returnsOld: true), .send(.none), [(.written(tombstone), .succeed(.item(nil)))]),
    Case(
      "put returning OLD's item", rules(.put, returnsOld: true), .send(.none),
      [(.written(), .readOld), (.oldIs(one), .succeed(.item(one)))]),
    Case(
      "put returning nothing in 4", rules(.put, .newWithTombstones, returnsOld: true), .send(.none), [(.written(), .succeed(.item(nil)))]),

    // Step 1.
    Case("conditional put on a live item", rules(.put, .dualTable, isOne), .send(.live), [(.written(), .succeed(.answer))]),
    Case(
      "conditional put on another item", rules(.put, .dualTable, isOne), .send(.live), [(.refused(two), .fail(.conditionFailed(two)))]),
    // The service judged its own item; what we would have said doesn't matter.
    Case(
      "condition judged by the service", rules(.put, .dualTable, isOne), .send(.live), [(.refused(one), .fail(.conditionFailed(one)))]),
    Case("upsert on a live item", rules(.update), .send(.live), [(.written(), .succeed(.answer))]),
    Case("delete returning the old value", rules(.delete, returnsOld: true), .send(.live), [(.written(one), .succeed(.answer))]),
    Case(
      "delete returning the old value in 5", rules(.delete, .new, returnsOld: true), .send(.notTombstone),
      [(.written(one), .succeed(.answer))]),

    // Step 3: a tombstone.
    Case(
      "condition false of nothing", rules(.put, .dualTable, isOne), .send(.live), [(.refused(tombstone), .fail(.conditionFailed(nil)))]),
    Case(
      "condition true of nothing", rules(.put, .dualTable, isNotOne), .send(.live),
      [(.refused(tombstone), .send(.tombstone)), (.written(), .succeed(.answer))]),
    Case(
      "tombstone replaced meanwhile", rules(.put, .dualTable, isNotOne), .send(.live),
      [(.refused(tombstone), .send(.tombstone)), (.refused(one), .fail(.conditionFailed(one)))]),
    Case(
      "tombstone replaced by what suits", rules(.put, .dualTable, isNotOne), .send(.live),
      [(.refused(tombstone), .send(.tombstone)), (.refused(two), .send(.live)), (.written(), .succeed(.answer))]),
    Case(
      "upsert over a tombstone", rules(.update), .send(.live), [(.refused(tombstone), .send(.tombstone)), (.written(), .succeed(.answer))]),
    Case(
      "upsert over a tombstone, old values", rules(.update, returnsOld: true), .send(.live),
      [(.refused(tombstone), .send(.tombstone)), (.written(tombstone), .succeed(.item(nil)))]),
    Case(
      "delete of a tombstone, old value", rules(.delete, returnsOld: true), .send(.live),
      [(.refused(tombstone), .send(.tombstone)), (.written(tombstone), .succeed(.item(nil)))]),

    // Step 4: missing.
    Case(
      "OLD's item doesn't suit", rules(.put, .dualTable, isOne), .send(.live),
      [(.refused(), .readOld), (.oldIs(two), .fail(.conditionFailed(two)))]),
    Case(
      "nothing doesn't suit", rules(.put, .dualTable, isOne), .send(.live),
      [(.refused(), .readOld), (.oldIs(nil), .fail(.conditionFailed(nil)))]),
    Case(
      "OLD's item suits a put", rules(.put, .dualTable, isOne), .send(.live),
      [(.refused(), .readOld), (.oldIs(one), .send(.missing)), (.written(), .succeed(.answer))]),
    Case(
      "OLD's item suits a put that returns it", rules(.put, .dualTable, isOne, returnsOld: true), .send(.live),
      [(.refused(), .readOld), (.oldIs(one), .send(.missing)), (.written(), .succeed(.item(one)))]),
    Case(
      "OLD's item suits a delete", rules(.delete, .dualTable, isOne), .send(.live),
      [(.refused(), .readOld), (.oldIs(one), .send(.missing)), (.written(), .succeed(.answer))]),
    Case(
      "update promotes", rules(.update, .dualTable, isOne), .send(.live),
      [(.refused(), .readOld), (.oldIs(one), .promote(one)), (.promoted, .send(.live)), (.written(), .succeed(.answer))]),
    Case(
      "upsert promotes", rules(.update), .send(.live),
      [(.refused(), .readOld), (.oldIs(one), .promote(one)), (.promoted, .send(.live)), (.written(), .succeed(.answer))]),
    Case(
      "update after promotion finds another item", rules(.update, .dualTable, isOne), .send(.live),
      [(.refused(), .readOld), (.oldIs(one), .promote(one)), (.promoted, .send(.live)), (.refused(two), .fail(.conditionFailed(two)))]),
    Case(
      "update promotes again without reading OLD again", rules(.update), .send(.live),
      [(.refused(), .readOld), (.oldIs(one), .promote(one)), (.promoted, .send(.live)), (.refused(), .promote(one))]),
    Case(
      "upsert on nothing", rules(.update), .send(.live),
      [(.refused(), .readOld), (.oldIs(nil), .send(.missing)), (.written(), .succeed(.answer))]),
    Case(
      "backfill came between", rules(.put, .dualTable, isOne), .send(.live),
      [(.refused(), .readOld), (.oldIs(one), .send(.missing)), (.refused(one), .send(.live)), (.written(), .succeed(.answer))]),
    Case(
      "another writer came between", rules(.put, .dualTable, isOne), .send(.live),
      [(.refused(), .readOld), (.oldIs(one), .send(.missing)), (.refused(two), .fail(.conditionFailed(two)))]),
    Case(
      "a delete came between", rules(.put, .dualTable, isNotOne), .send(.live),
      [(.refused(), .readOld), (.oldIs(two), .send(.missing)), (.refused(tombstone), .send(.tombstone)), (.written(), .succeed(.answer))]),

    // Creates ask OLD first.
    Case("create", rules(.put, .dualTable, absent), .readOld, [(.oldIs(nil), .send(.missing)), (.written(), .succeed(.answer))]),
    Case(
      "create where there is one", rules(.put, .dualTable, absent), .readOld,
      [(.oldIs(nil), .send(.missing)), (.refused(one), .fail(.conditionFailed(one)))]),
    Case(
      "create over a tombstone", rules(.put, .dualTable, absent), .readOld,
      [(.oldIs(nil), .send(.missing)), (.refused(tombstone), .send(.tombstone)), (.written(), .succeed(.answer))]),
    Case(
      "create where OLD has one", rules(.put, .dualTable, absent), .readOld,
      [(.oldIs(one), .readNew), (.newIs(.missing), .fail(.conditionFailed(one)))]),
    Case(
      "create where OLD had one", rules(.put, .dualTable, absent), .readOld,
      [(.oldIs(one), .readNew), (.newIs(.tombstone), .send(.tombstone)), (.written(), .succeed(.answer))]),
    Case(
      "create where both have one", rules(.put, .dualTable, absent), .readOld,
      [(.oldIs(one), .readNew), (.newIs(.live(two)), .fail(.conditionFailed(two)))]),
    Case(
      "a condition that nothing satisfies", rules(.put, .dualTable, .and([absent, isOne])), .readOld,
      [(.oldIs(nil), .readNew), (.newIs(.missing), .fail(.conditionFailed(nil)))]),
    Case(
      "create by update", rules(.update, .dualTable, absent), .readOld, [(.oldIs(nil), .send(.missing)), (.written(), .succeed(.answer))]),
    Case("create in 4", rules(.put, .newWithTombstones, absent), .send(.notTombstone), [(.written(), .succeed(.answer))]),

    // Phases 4 and 5: nobody asks OLD.
    Case(
      "missing in 4", rules(.put, .newWithTombstones, isOne), .send(.notTombstone), [(.refused(), .fail(.conditionFailed(nil)))]),
    Case("upsert in 5", rules(.update, .new), .send(.notTombstone), [(.written(), .succeed(.answer))]),
    Case(
      "tombstone in 5", rules(.update, .new, isNotOne), .send(.notTombstone),
      [(.refused(tombstone), .send(.tombstone)), (.refused(), .send(.notTombstone)), (.written(), .succeed(.answer))]),

    // Engines that refuse in silence are asked.
    Case(
      "silence, live", rules(.put, .dualTable, isOne, silent: true), .send(.live),
      [(.refused(), .readNew), (.newIs(.live(two)), .fail(.conditionFailed(two)))]),
    Case(
      "silence, live and suits", rules(.put, .dualTable, isOne, silent: true), .send(.live),
      [(.refused(), .readNew), (.newIs(.live(one)), .send(.live)), (.written(), .succeed(.answer))]),
    Case(
      "silence, tombstone", rules(.put, .dualTable, isNotOne, silent: true), .send(.live),
      [
        (.refused(), .readNew), (.newIs(.tombstone), .send(.tombstone)), (.refused(), .readNew),
        (.newIs(.live(one)), .fail(.conditionFailed(one))),
      ]),
    Case(
      "silence, missing", rules(.put, .dualTable, isOne, silent: true), .send(.live),
      [(.refused(), .readNew), (.newIs(.missing), .readOld), (.oldIs(one), .send(.missing)), (.written(), .succeed(.answer))]),
    Case(
      "silence in 4", rules(.put, .newWithTombstones, isNotOne, silent: true), .send(.notTombstone),
      [(.refused(), .readNew), (.newIs(.missing), .send(.notTombstone)), (.written(), .succeed(.answer))]),
    // Even an engine that speaks can't mean "nothing is there" when it refuses a write to nothing.
    Case(
      "silence about a blocker", rules(.put, .dualTable, absent), .readOld,
      [(.oldIs(nil), .send(.missing)), (.refused(), .readNew), (.newIs(.live(one)), .fail(.conditionFailed(one)))]),

    // Lost answers.
    Case(
      "refused after a lost try", rules(.put, .dualTable, isOne), .send(.live), [(.refusedAfterLost(two), .fail(.outcomeUnknown))]),
    Case(
      "missing after a lost try", rules(.put, .dualTable, isOne), .send(.live), [(.refusedAfterLost(), .fail(.outcomeUnknown))]),
    Case(
      "create after a lost try", rules(.put, .dualTable, absent), .readOld,
      [(.oldIs(nil), .send(.missing)), (.refusedAfterLost(one), .fail(.outcomeUnknown))]),
    Case(
      "old value after a lost try", rules(.delete, returnsOld: true), .send(.live), [(.refusedAfterLost(tombstone), .fail(.outcomeUnknown))]
    ),
    Case(
      "upsert after a lost try goes on", rules(.update), .send(.live),
      [(.refusedAfterLost(), .readOld), (.oldIs(nil), .send(.missing)), (.written(), .succeed(.answer))]),
    Case(
      "upsert with old values after a lost try", rules(.update, returnsOld: true), .send(.live),
      [(.refusedAfterLost(), .fail(.outcomeUnknown))]),
    // Another body may only follow where nothing of this one can still be under way.
    Case(
      "upsert with a token after a lost try", rules(.update, token: true), .send(.live),
      [(.refusedAfterLost(tombstone), .fail(.outcomeUnknown))]),
    Case(
      "upsert with a token moves on after a definite answer", rules(.update, token: true), .send(.live),
      [(.refused(tombstone), .send(.tombstone)), (.written(), .succeed(.answer))]),
  ]

  @Test("each order of answers has its one decision", arguments: cases) func decides(_ example: Case) {
    var machine = Machine(example.rules)
    #expect(machine.start() == example.first)
    for (number, (event, action)) in example.steps.enumerated() {
      #expect(Self.feed(event, to: &machine) == action, "step \(number + 1)")
    }
  }

  static func feed(_ event: Event, to machine: inout Machine) -> Action {
    switch event {
    case .written(let replaced): machine.written(replaced: replaced)
    case .refused(let item): machine.refused(item, afterLost: false)
    case .refusedAfterLost(let item): machine.refused(item, afterLost: true)
    case .newIs(let found): machine.newRead(found)
    case .oldIs(let item): machine.oldRead(item)
    case .promoted: machine.promotionEnded()
    }
  }

  @Test("the loop is bounded: 8 rounds, then contention") func givesUpAfterEightRounds() {
    var machine = Machine(Self.rules(.update))
    var action = machine.start()
    var writes = 0
    while case .send = action {
      writes += 1
      action = machine.refused(writes.isMultiple(of: 2) ? Self.one : Self.tombstone, afterLost: false)
    }
    #expect(action == .fail(.contention))
    // A tombstone and its replacement, eight times.
    #expect(writes == 2 * Machine.mostRounds)
    #expect(!machine.mayHaveLanded)
  }

  @Test func remembersThatALostTryMayHaveLanded() {
    var machine = Machine(Self.rules(.update))
    _ = machine.start()
    #expect(machine.refused(Self.tombstone, afterLost: true) == .send(.tombstone))
    #expect(machine.mayHaveLanded)
    var action = machine.refused(Self.one, afterLost: false)
    while case .send(let guarded) = action { action = machine.refused(guarded == .live ? Self.tombstone : Self.one, afterLost: false) }
    #expect(action == .fail(.outcomeUnknown))
  }
}
