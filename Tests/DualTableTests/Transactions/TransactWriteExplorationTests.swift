import DualTable
import DynamoDBExpressions
import DynamoDBModel
import MigrationControl
import Testing

/// Every order of answers that two tables under other writers can give a transaction of two actions, to a depth, each decision held against
/// the values of both keys at the moment at which it takes effect.
@Suite struct TransactWriteExplorationTests {
  typealias Machine = TransactWriteStateMachine
  typealias Single = GuardedWriteStateMachine
  typealias World = GuardedWriteExplorationTests.World

  /// One action: what it is, and what stands in both tables under its key at first.
  struct Part: Sendable {
    var kind: Single.Kind
    /// A condition check: a put to the machine, and nothing to the tables.
    var isCheck = false
    var condition: Condition?
    var world: World
  }

  struct Scene {
    var rules: [Single.Rules]
    var parts: [Part]
    var silent: Bool
    var hasLanded = false
  }

  private static let kinds: [(Single.Kind, Bool)] = [(.put, false), (.update, false), (.delete, false), (.put, true)]
  private static let conditions = GuardedWriteExplorationTests.conditions

  private static func parts(_ phase: MigrationPhase) -> [Part] {
    var parts: [Part] = []
    for (kind, isCheck) in kinds {
      for condition in conditions where !isCheck || condition != nil {
        for old in [nil, GuardedWriteExplorationTests.one] where phase == .dualTable || old == nil {
          for new in [PhysicalItem.missing, .tombstone, .live(GuardedWriteExplorationTests.two)] {
            let world = World(new: new, old: old, fallsBack: phase == .dualTable)
            parts.append(Part(kind: kind, isCheck: isCheck, condition: condition, world: world))
          }
        }
      }
    }
    return parts
  }

  @Test(
    "transact write: in every order of answers it lands where all conditions hold, or fails where one is false",
    arguments: [MigrationPhase.dualTable, .newWithTombstones, .new])
  func everyOrderIsRight(_ phase: MigrationPhase) {
    var runs = 0
    let parts = Self.parts(phase)
    for (number, first) in parts.enumerated() {
      // Each pair would be three million runs; each action meets every seventh other one.
      for second in parts.dropFirst(number % 7).enumerated().filter({ $0.offset % 7 == 0 }).map(\.element) {
        for silent in [false, true] {
          let rules = [first, second].map { part in
            Single.Rules(
              kind: part.kind, phase: phase, condition: part.condition, keyAttributes: ["id"], refusalsCarryItems: !silent)
          }
          var machine = Machine(rules)
          let scene = Scene(rules: rules, parts: [first, second], silent: silent)
          let action = machine.start()
          explore(machine, action, scene, interferences: 1, &runs)
        }
      }
    }
    #expect(runs > 4_000)
  }

  private func explore(_ machine: Machine, _ action: Machine.Action, _ scene: Scene, interferences: Int, _ runs: inout Int) {
    var scene = scene
    for place in scene.parts.indices { scene.parts[place].world.seen.append(scene.parts[place].world.value) }
    switch action {
    case .succeed:
      runs += 1
      #expect(scene.hasLanded)
      return
    case .fail(let failure):
      runs += 1
      #expect(!scene.hasLanded)
      guard case .conditionFailed(let verdicts) = failure else {
        Issue.record("\(failure)")
        return
      }
      #expect(verdicts.contains { $0 != .holds })
      for (part, verdict) in zip(scene.parts, verdicts) {
        guard case .isFalse(let item) = verdict else { continue }
        #expect(part.condition?.evaluate(on: item) == false)
        #expect(part.world.seen.contains(item), "it was refused for an item that was not there while it ran")
      }
      return
    default: break
    }
    perform(machine, action, scene, interferences: interferences, &runs)
    guard interferences > 0 else { return }
    for place in scene.parts.indices {
      for state in GuardedWriteExplorationTests.states where state != scene.parts[place].world.new {
        guard state != .missing || scene.rules[place].phase == .new else { continue }
        var other = scene
        other.parts[place].world.new = state
        other.parts[place].world.seen.append(other.parts[place].world.value)
        perform(machine, action, other, interferences: interferences - 1, &runs)
      }
    }
  }

  private func perform(_ machine: Machine, _ action: Machine.Action, _ scene: Scene, interferences: Int, _ runs: inout Int) {
    var machine = machine
    var scene = scene
    let next: Machine.Action
    switch action {
    case .readNew(let places): next = machine.newRead(places.map { scene.parts[$0].world.new })
    case .readOld(let places): next = machine.oldRead(places.map { scene.parts[$0].world.old })
    case .promote(let promotions):
      for promotion in promotions where scene.parts[promotion.index].world.new == .missing {
        #expect(!scene.parts[promotion.index].isCheck && scene.parts[promotion.index].kind == .update)
        #expect(scene.parts[promotion.index].world.value == promotion.item, "a promotion changed the value")
        scene.parts[promotion.index].world.new = .live(promotion.item)
      }
      next = machine.promotionsEnded()
    case .send(let guards):
      let reasons = zip(scene.parts, guards).map { part, guarded -> Machine.Reason? in
        guard let guarded, !GuardedWriteExplorationTests.admits(guarded, part.world.new, part.condition) else { return nil }
        return .conditionFailed(scene.silent ? nil : GuardedWriteExplorationTests.physicalItem(part.world.new))
      }
      if reasons.allSatisfy({ $0 == nil }) {
        land(&scene)
        next = machine.written()
      } else {
        next = machine.cancelled(reasons, afterLost: false)
      }
    case .succeed, .fail: return
    }
    explore(machine, next, scene, interferences: interferences, &runs)
  }

  /// All actions take effect: every condition must hold of its value at this very moment.
  private func land(_ scene: inout Scene) {
    scene.hasLanded = true
    for place in scene.parts.indices {
      let part = scene.parts[place]
      #expect(part.condition?.evaluate(on: part.world.value) ?? true, "it landed where a condition was false")
      guard !part.isCheck else { continue }
      switch part.kind {
      case .update:
        #expect(part.world.new != .missing || part.world.value == nil, "an update landed beside OLD's item")
        scene.parts[place].world.new = .live(GuardedWriteExplorationTests.mine)
      case .put: scene.parts[place].world.new = .live(GuardedWriteExplorationTests.mine)
      case .delete: scene.parts[place].world.new = scene.rules[place].phase == .new ? .missing : .tombstone
      }
    }
  }
}
