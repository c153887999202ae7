import DualTableRehearsal
import DynamoDBClient
import DynamoDBSimulator

/// What one instance of a run is to do, as its seed draws it.
struct InstancePlan: Sendable {
  let number: Int
  let seed: UInt64
  var clocks = Machine.Clocks()
  var clients: [ClientPlan] = []
  /// How long it is suspended, and before which of its jobs.
  var suspensions: [(length: Duration, job: Int)] = []

  static func random(number: Int, using random: inout SeededGenerator) -> InstancePlan {
    var plan = InstancePlan(number: number, seed: random.next())
    if random.below(3) == 0 { plan.clocks.skew = Int64(random.below(600_000)) - 300_000 }
    plan.clocks.pausesContinuous = random.below(3) == 0
    plan.clocks.pausesWall = plan.clocks.pausesContinuous && random.below(2) == 0
    for _ in 0...random.below(2) { plan.clients.append(ClientPlan(seed: random.next(), operations: 3 + random.below(5))) }
    let lengths: [Duration] = [.milliseconds(300), .seconds(5), .seconds(40), .seconds(1_000), .seconds(4_000)]
    for _ in 0..<random.below(3) { plan.suspensions.append((lengths[random.below(lengths.count)], random.below(150))) }
    return plan
  }

  func suspend(_ process: SimulatedProcess) {
    for (length, job) in suspensions { process.suspend(for: length, before: job) }
  }
}
