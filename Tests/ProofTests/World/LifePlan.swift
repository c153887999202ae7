import DualTableRehearsal
import DynamoDBClient
import DynamoDBSimulator

/// One life of one instance of a migrating service, as its seed draws it.
struct LifePlan: Sendable {
  enum End: Sendable { case vanishes, leaves }

  let seed: UInt64
  /// Tells its clients from all others.
  let number: Int
  var clocks = Machine.Clocks()
  var clients: [UInt64] = []
  /// In which act it ends, how long after its beginning, and how; nil: with the world.
  var end: (act: Int, delay: Duration, how: End)?
  /// How long after it the next life begins.
  var gap: Duration = .seconds(1)
  /// In which act it is suspended, before which of its jobs from there, and how long.
  var suspensions: [(act: Int, job: Int, length: Duration)] = []
  /// In which act its wall clock steps by so many milliseconds.
  var step: (act: Int, by: Int64)?

  /// - Parameters:
  ///   - acts: how many there are.
  ///   - isLast: it lives to the end.
  static func random(_ number: Int, acts: Int, isLast: Bool, using random: inout SeededGenerator) -> LifePlan {
    var plan = LifePlan(seed: random.next(), number: number)
    if random.below(3) == 0 { plan.clocks.skew = Int64(random.below(1_200_000)) - 600_000 }
    plan.clocks.pausesContinuous = random.below(6) == 0
    plan.clocks.pausesWall = plan.clocks.pausesContinuous && random.below(2) == 0
    for _ in 0...random.below(2) { plan.clients.append(random.next()) }
    let lengths: [Duration] = [.milliseconds(400), .seconds(3), .seconds(20), .seconds(700), .seconds(3_000), .seconds(9_000)]
    for _ in 0..<random.below(3) {
      plan.suspensions.append((random.below(acts), random.below(120), lengths[random.below(lengths.count)]))
    }
    if random.below(5) == 0 { plan.step = (random.below(acts), [-2_400_000, -300_000, 30_000, 2_400_000][random.below(4)]) }
    guard !isLast else { return plan }
    plan.end = (random.below(acts), .milliseconds(random.below(1_500)), random.below(2) == 0 ? .vanishes : .leaves)
    plan.gap = [.milliseconds(100), .seconds(5), .seconds(90), .seconds(4_000)][random.below(4)]
    return plan
  }
}
