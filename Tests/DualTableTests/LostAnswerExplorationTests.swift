import DualTable
import DynamoDBExpressions
import DynamoDBModel
import MigrationControl
import Testing

/// Every order of answers in which some are lost: the request had landed, had not, or lands at any later moment.
///
/// The client's part is played too: a request whose answer was lost goes out again, and what comes of that is what the machine is told.
@Suite struct LostAnswerExplorationTests {
  typealias Machine = GuardedWriteStateMachine
  typealias Exploration = GuardedWriteExplorationTests

  /// What is still under way.
  enum Straggler: Hashable {
    case write(Machine.Guard)
    case promotion(Item)
  }

  struct World {
    var new: PhysicalItem
    let old: Item?
    let rules: Machine.Rules
    var stragglers: [Straggler] = []
    /// Bodies that have landed under their tokens.
    var used: Set<Machine.Guard> = []
    var landed = 0
    var lost = 0
    var interferences = 1
    var losses = 2

    var value: Item? {
      switch new {
      case .live(let item): item
      case .tombstone: nil
      case .missing: rules.phase == .dualTable ? old : nil
      }
    }

    /// One sending of the write arrives; true if it is answered with success.
    mutating func arrive(_ guarded: Machine.Guard) -> Bool {
      if rules.isIdempotent && used.contains(guarded) { return true }
      guard Exploration.admits(guarded, new, rules.condition) else { return false }
      used.insert(guarded)
      landed += 1
      switch rules.kind {
      case .put, .update: new = .live(Exploration.mine)
      case .delete: new = rules.phase == .new ? .missing : .tombstone
      }
      return true
    }

    mutating func arrive(_ straggler: Straggler) {
      switch straggler {
      case .write(let guarded): _ = arrive(guarded)
      case .promotion(let item): if new == .missing { new = .live(item) }
      }
    }
  }

  @Test(
    "a lost answer: every order of answers, late delivery among them",
    arguments: [MigrationPhase.dualTable, .newWithTombstones, .new], [Machine.Kind.put, .update, .delete])
  func everyOrderIsRight(_ phase: MigrationPhase, _ kind: Machine.Kind) {
    var runs = 0
    for condition in Exploration.conditions {
      for isIdempotent in [false, true] {
        for returnsOld in [false, true] where !(returnsOld && isIdempotent) {
          for old in [nil, Exploration.one] where phase == .dualTable || old == nil {
            let rules = Machine.Rules(
              kind: kind, phase: phase, condition: condition, keyAttributes: ["id"], returnsOld: returnsOld, isIdempotent: isIdempotent)
            for new in Exploration.states {
              var machine = Machine(rules)
              let action = machine.start()
              explore(machine, action, World(new: new, old: old, rules: rules), &runs)
            }
          }
        }
      }
    }
    #expect(runs > 1_000)
  }

  private func explore(_ machine: Machine, _ action: Machine.Action, _ world: World, _ runs: inout Int) {
    switch action {
    case .succeed:
      runs += 1
      #expect(world.landed >= 1 && world.landed <= 1 + world.lost)
      if world.rules.isIdempotent { #expect(world.landed == 1) }
      return end(world) { last in
        #expect(last.landed <= (world.rules.isIdempotent ? 1 : 1 + world.lost), "it landed once more behind its success")
      }
    case .fail(.outcomeUnknown):
      runs += 1
      #expect(world.lost > 0, "no answer was lost")
      return end(world) { last in
        if world.rules.isIdempotent { #expect(last.landed <= 1, "with a token it landed twice") }
      }
    case .fail(let failure):
      runs += 1
      return end(world) { last in #expect(last.landed == 0, "it landed, and says \(failure)") }
    default: break
    }
    perform(machine, action, world, &runs)
    // Whatever is under way may arrive before the next request, and someone else may write.
    for place in world.stragglers.indices {
      var other = world
      other.arrive(other.stragglers.remove(at: place))
      perform(machine, action, other, &runs)
    }
    guard world.interferences > 0 else { return }
    for state in Exploration.states where state != world.new && (state != .missing || world.rules.phase == .new) {
      var other = world
      other.interferences -= 1
      other.new = state
      perform(machine, action, other, &runs)
    }
  }

  /// What is still under way arrives when all is over: in either order, and after anything that others may do meanwhile.
  private func end(_ world: World, _ check: (World) -> Void) {
    check(world)
    for state in Exploration.states {
      for order in [world.stragglers, world.stragglers.reversed()] {
        var last = world
        last.new = state
        for straggler in order { last.arrive(straggler) }
        check(last)
      }
    }
  }

  private func perform(_ machine: Machine, _ action: Machine.Action, _ world: World, _ runs: inout Int) {
    var machine = machine
    var world = world
    switch action {
    case .readNew:
      let next = machine.newRead(world.new)
      explore(machine, next, world, &runs)
    case .readOld:
      let next = machine.oldRead(world.old)
      explore(machine, next, world, &runs)
    case .promote(let item):
      let next = machine.promotionEnded()
      var answered = world
      answered.arrive(.promotion(item))
      explore(machine, next, answered, &runs)
      guard world.losses > 0 else { return }
      world.losses -= 1
      explore(machine, next, world, &runs)
      world.stragglers.append(.promotion(item))
      explore(machine, next, world, &runs)
    case .send(let guarded): send(guarded, machine, world, afterLost: false, &runs)
    case .succeed, .fail: return
    }
  }

  private func send(_ guarded: Machine.Guard, _ machine: Machine, _ world: World, afterLost: Bool, _ runs: inout Int) {
    var answered = (machine: machine, world: world)
    let physical = Exploration.physicalItem(world.new)
    let next: Machine.Action
    if answered.world.arrive(guarded) {
      next = answered.machine.written(replaced: physical)
    } else {
      next = answered.machine.refused(physical, afterLost: afterLost)
    }
    explore(answered.machine, next, answered.world, &runs)
    guard world.losses > 0 else { return }
    var lost = world
    lost.losses -= 1
    lost.lost += 1
    for fate in 0..<3 {
      var world = lost
      switch fate {
      case 0: _ = world.arrive(guarded)
      case 1: world.stragglers.append(.write(guarded))
      default: break
      }
      send(guarded, machine, world, afterLost: true, &runs)
    }
  }
}
