import DualTableRehearsal
import DynamoDBClient
import DynamoDBSimulator

/// What one client is to do.
struct ClientPlan: Sendable {
  let seed: UInt64
  let operations: Int
  /// The longest pause between two operations, of most and of the rare long ones.
  var usual: Duration = .milliseconds(60)
  var rare: Duration = .seconds(400)

  func pause(_ random: inout SeededGenerator) -> Duration {
    let longest = random.below(12) == 0 ? rare : usual
    return .nanoseconds(Int64(random.below(Int(longest.inNanoseconds) + 1)))
  }
}

extension ModelClient {
  func run(_ plan: ClientPlan, in world: World) async {
    var random = SeededGenerator(seed: plan.seed)
    for _ in 0..<plan.operations {
      await act(in: world, using: &random)
      if instance.isDead { return }
      do { try await instance.machine.clock.sleep(for: plan.pause(&random)) } catch { return }
    }
  }

  /// Does a little in each act, until there are no more or its instance ends.
  func run(_ seed: UInt64, through acts: Acts, in world: World) async {
    var random = SeededGenerator(seed: seed)
    let pauses = ClientPlan(seed: seed, operations: 0, usual: .milliseconds(700), rare: .seconds(3))
    while true {
      let act = acts.current
      for _ in 0..<(2 + random.below(4)) {
        if instance.isDead || instance.isLeaving { return }
        await self.act(in: world, using: &random)
        try? await instance.machine.clock.sleep(for: pauses.pause(&random))
      }
      if acts.isOver { return }
      await acts.next(after: act)
    }
  }

  /// Makes up one operation, and performs it.
  private func act(in world: World, using random: inout SeededGenerator) async {
    let drawn = Call.random(world.keys, fresh: recorder.fresh(number), seen: { recorder.seen($0) }, using: &random)
    if drawn.isBatch { await readAll(world.keys) } else { await perform(drawn.call) }
  }
}

extension Call {
  /// Makes one up.
  ///
  /// - Parameters:
  ///   - fresh: a value unlike any other.
  ///   - seen: values that this client knows the key to have had.
  /// - Returns: the call, and true for a read that goes as a batch over all keys.
  static func random(
    _ keys: [String], fresh: String, seen: (String) -> [String], using random: inout SeededGenerator
  ) -> (call: Call, isBatch: Bool) {
    let key = keys[random.below(keys.count)]
    var call = Call(key: key, operation: .get)
    var isBatch = false
    switch random.below(16) {
    case 0...4: isBatch = random.below(3) == 0
    case 5, 6, 7: call.operation = .put
    case 8, 9: call.operation = .create
    case 10, 11: call.operation = .replace
    case 12, 13: call.operation = .update
    default: call.operation = .delete
    }
    guard call.operation != .get else { return (call, isBatch) }
    call.tellsResult = random.below(2) == 0
    guard call.operation != .delete else { return (call, false) }
    call.value = fresh
    call.isUpdateExpression = random.below(2) == 0
    if call.operation == .replace {
      let known = seen(key)
      guard !known.isEmpty else {
        call.operation = .update
        return (call, false)
      }
      call.expect = known[random.below(known.count)]
    }
    return (call, false)
  }
}
