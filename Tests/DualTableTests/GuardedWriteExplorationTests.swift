import DualTable
import DynamoDBExpressions
import DynamoDBModel
import MigrationControl
import Testing

/// Every order of answers that a table under other writers can give, to a depth, each decision held against the value of the key.
///
/// Before each of the write's requests another writer may do anything. What is asked and sent is applied to a model of both tables, so
/// that a decision can be checked at the moment at which it takes effect.
@Suite struct GuardedWriteExplorationTests {
  typealias Machine = GuardedWriteStateMachine

  static let one: Item = ["id": "a", "v": 1]
  static let two: Item = ["id": "a", "v": 2]
  static let mine: Item = ["id": "a", "v": 3]
  static let states: [PhysicalItem] = [.missing, .tombstone, .live(one), .live(two)]

  struct World {
    var new: PhysicalItem
    let old: Item?
    let fallsBack: Bool
    /// Values that the key has had since the write began.
    var seen: [Item?] = []
    var landed = 0

    var value: Item? {
      switch new {
      case .live(let item): item
      case .tombstone: nil
      case .missing: fallsBack ? old : nil
      }
    }
  }

  static let conditions: [Condition?] = [
    nil, GuardedWriteStateMachineTests.isOne, GuardedWriteStateMachineTests.isNotOne, GuardedWriteStateMachineTests.absent,
  ]

  @Test(arguments: [MigrationPhase.dualTable, .newWithTombstones, .new], [Machine.Kind.put, .update, .delete])
  func everyOrderIsRight(_ phase: MigrationPhase, _ kind: Machine.Kind) {
    var runs = 0
    for condition in Self.conditions {
      for returnsOld in [false, true] {
        for silent in [false, true] {
          for old in [nil, Self.one, Self.two] where phase == .dualTable || old == nil {
            let rules = Machine.Rules(
              kind: kind, phase: phase, condition: condition, keyAttributes: ["id"], returnsOld: returnsOld, refusalsCarryItems: !silent)
            for new in Self.states {
              var machine = Machine(rules)
              let world = World(new: new, old: old, fallsBack: phase == .dualTable)
              let action = machine.start()
              explore(machine, action, world, rules, silent: silent, interferences: 4, runs: &runs)
            }
          }
        }
      }
    }
    #expect(runs > 1_000)
  }

  private func explore(
    _ machine: Machine, _ action: Machine.Action, _ world: World, _ rules: Machine.Rules, silent: Bool, interferences: Int, runs: inout Int
  ) {
    var world = world
    world.seen.append(world.value)
    switch action {
    case .succeed(let returned):
      runs += 1
      #expect(world.landed == 1)
      if rules.returnsOld, case .item(let item) = returned { #expect(world.seen.contains(item)) }
      return
    case .fail(let failure):
      runs += 1
      #expect(world.landed == 0)
      guard case .conditionFailed(let item) = failure else {
        // Three interferences aren't eight rounds, and nothing was lost.
        Issue.record("\(failure)")
        return
      }
      #expect(rules.condition?.evaluate(on: item) == false)
      #expect(world.seen.contains(item), "it was refused for an item that was not there while it ran")
      return
    default: break
    }
    // Let it be, or let someone else write. Nothing brings a key of NEW back to missing but a real delete, and those come in 5 alone.
    perform(machine, action, world, rules, silent: silent, interferences: interferences, runs: &runs)
    guard interferences > 0 else { return }
    for state in Self.states where state != world.new && (state != .missing || rules.phase == .new) {
      var other = world
      other.new = state
      other.seen.append(other.value)
      perform(machine, action, other, rules, silent: silent, interferences: interferences - 1, runs: &runs)
    }
  }

  private func perform(
    _ machine: Machine, _ action: Machine.Action, _ world: World, _ rules: Machine.Rules, silent: Bool, interferences: Int, runs: inout Int
  ) {
    var machine = machine
    var world = world
    let next: Machine.Action
    switch action {
    case .readNew: next = machine.newRead(world.new)
    case .readOld: next = machine.oldRead(world.old)
    case .promote(let item):
      if world.new == .missing {
        #expect(world.value == item, "a promotion changed the value")
        world.new = .live(item)
      }
      next = machine.promotionEnded()
    case .send(let guarded):
      let physical = Self.physicalItem(world.new)
      if Self.admits(guarded, world.new, rules.condition) {
        land(rules, &world)
        next = machine.written(replaced: physical)
      } else {
        next = machine.refused(silent ? nil : physical, afterLost: false)
      }
    case .succeed, .fail: return
    }
    explore(machine, next, world, rules, silent: silent, interferences: interferences, runs: &runs)
  }

  /// The write takes effect: its condition must hold of the value at this very moment, and an update must see it whole.
  private func land(_ rules: Machine.Rules, _ world: inout World) {
    world.landed += 1
    #expect(rules.condition?.evaluate(on: world.value) ?? true, "it landed where its condition was false")
    if rules.kind == .update {
      #expect(world.new != .missing || world.value == nil, "an update landed beside OLD's item")
      world.new = .live(Self.mine)
    } else {
      world.new = rules.kind == .put ? .live(Self.mine) : rules.phase == .new ? .missing : .tombstone
    }
  }

  static func admits(_ guarded: Machine.Guard, _ new: PhysicalItem, _ condition: Condition?) -> Bool {
    let item: Item? = if case .live(let item) = new { item } else { nil }
    let holds = condition?.evaluate(on: item) ?? true
    return switch guarded {
    case .none: true
    case .live: item != nil && holds
    case .notTombstone: new != .tombstone && holds
    case .tombstone: new == .tombstone
    case .missing: new == .missing
    }
  }

  static func physicalItem(_ new: PhysicalItem) -> Item? {
    switch new {
    case .missing: nil
    case .tombstone: ["id": "a", "_dt": 5]
    case .live(let item): item
    }
  }
}
