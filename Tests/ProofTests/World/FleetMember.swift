import DualTable
import DualTableRehearsal
import DynamoDBClient
import DynamoDBSimulator

/// One place in a fleet: instance after instance, each with its clients.
struct FleetMember: Sendable {
  let world: World
  let acts: Acts
  let lives: [LifePlan]

  func run() async {
    await withDiscardingTaskGroup { group in
      for plan in lives {
        let instance = Instance(of: world, plan.clocks, seed: plan.seed)
        let machine = instance.machine
        world.began(machine)
        group.addTask {
          await serve(instance, plan)
          world.ended(machine)
        }
        await disturb(instance, plan)
        if acts.isOver { return }
        try? await world.time.sleep(for: plan.gap)
      }
    }
  }

  /// The instance's own work, until its clients have ended.
  private func serve(_ instance: Instance, _ plan: LifePlan) async {
    let machine = instance.machine
    await withTaskGroup(of: Bool.self) { group in
      group.addTask(executorPreference: machine.process) {
        try? await instance.repository.run()
        return false
      }
      for (number, seed) in plan.clients.enumerated() {
        let client = world.client(plan.number + number, of: instance)
        group.addTask(executorPreference: machine.process) {
          await client.run(seed, through: acts, in: world)
          return true
        }
      }
      var clients = plan.clients.count
      for await isClient in group {
        if isClient { clients -= 1 }
        if clients == 0 { group.cancelAll() }
      }
    }
  }

  /// Does to the instance what is planned, act by act, until its life or the world is over.
  private func disturb(_ instance: Instance, _ plan: LifePlan) async {
    var act = acts.current
    while !acts.isOver, !instance.isDead {
      for suspension in plan.suspensions where suspension.act == act {
        instance.machine.process.suspend(for: suspension.length, before: suspension.job)
      }
      if let step = plan.step, step.act == act { instance.machine.stepWallClock(by: step.by) }
      if let end = plan.end, end.act <= act {
        try? await world.time.sleep(for: end.delay)
        switch end.how {
        case .vanishes:
          instance.vanish()
          // It lies still until nothing of it matters any more, and is torn down then.
          instance.machine.stop(for: .seconds(60_000))
        case .leaves: instance.leave()
        }
        return
      }
      await acts.next(after: act)
      act = acts.current
    }
  }
}
