import DualTable
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl

/// One client of one instance: makes up operations, has the repository perform them, and writes down what it was told.
struct ModelClient: Sendable {
  let number: Int
  let instance: Instance
  let world: World

  func run(_ plan: ClientPlan) async {
    var random = SeededGenerator(seed: plan.seed)
    for _ in 0..<plan.operations {
      let keys = world.keys
      let call = Call.random(keys, fresh: world.recorder.fresh(number), seen: { world.recorder.seen($0) }, using: &random)
      if call.isBatch { await readAll(keys) } else { await perform(call) }
      if instance.isDead { return }
      do { try await instance.machine.clock.sleep(for: plan.pause(&random)) } catch { return }
    }
  }

  /// Does a little in each act, until there are no more or its instance ends.
  func run(_ seed: UInt64, through acts: Acts) async {
    var random = SeededGenerator(seed: seed)
    let pauses = ClientPlan(seed: seed, operations: 0, usual: .milliseconds(700), rare: .seconds(3))
    while true {
      let act = acts.current
      for _ in 0..<(2 + random.below(4)) {
        if instance.isDead || instance.isLeaving { return }
        let call = Call.random(world.keys, fresh: world.recorder.fresh(number), seen: { world.recorder.seen($0) }, using: &random)
        if call.isBatch { await readAll(world.keys) } else { await perform(call) }
        try? await instance.machine.clock.sleep(for: pauses.pause(&random))
      }
      if acts.isOver { return }
      await acts.next(after: act)
    }
  }

  /// Performs it; true if it is decided, for or against.
  @discardableResult func perform(_ call: Call) async -> Bool {
    let start = world.recorder.stamp()
    let told = call.operation == .get ? await read(call.key) : await write(call)
    // A dead process was told nothing.
    world.recorder.add(call, client: number, start: start, instance.isDead ? .unknown : told)
    return told.isDecided
  }

  private func readAll(_ keys: [String]) async {
    let start = world.recorder.stamp()
    let input = BatchGetItemInput(
      requestItems: [Dialect.new.table: KeysAndAttributes(keys: keys.map { Dialect.new.key($0) }, consistentRead: true)])
    guard let output = try? await instance.repository.batchGetItem(input), !instance.isDead else { return }
    let unprocessed = output.unprocessedKeys[Dialect.new.table]?.keys ?? []
    for key in keys where !unprocessed.contains(Dialect.new.key(key)) {
      let item = output.responses[Dialect.new.table]?.first { $0["user"]?.stringValue == key }
      world.recorder.add(
        Call(key: key, operation: .get), client: number, start: start, .ok(result: Dialect.new.value(item), tells: true))
    }
  }

  private func read(_ key: String) async -> Told {
    do {
      let output = try await instance.repository.getItem(
        GetItemInput(tableName: Dialect.new.table, key: Dialect.new.key(key), consistentRead: true))
      return .ok(result: Dialect.new.value(output.item), tells: true)
    } catch {
      return .nothing
    }
  }

  private func write(_ call: Call) async -> Told {
    if world.defect == .insertsBehindMigrator, Dialect.isInOld(call.key), call.isUpdateExpression {
      return (try? await writeOld(call, to: instance.client)) ?? .unknown
    }
    guard instance.isFleet, Dialect.isInOld(call.key) else { return await writeNew(call) }
    do {
      return try await instance.repository.write(
        old: { old in try await writeOld(call, to: old) }, new: { _ in await writeNew(call) })
    } catch let error as DynamoDBError {
      return error.outcomeUnknown ? .unknown : error.code == .conditionalCheckFailed ? .refused : .nothing
    } catch {
      return (error as? DualTableError)?.code == .outcomeUnknown ? .unknown : .nothing
    }
  }

  private func writeOld(_ call: Call, to client: DynamoDBClient) async throws -> Told {
    let client = world.defect == .oldWritesUncounted ? instance.client : client
    let options = CallOptions(resend: .unlessOutcomeUnknown)
    let attributes =
      switch Dialect.old.request(call) {
      case .put(let input): try await client.putItem(input, options: options).attributes
      case .update(let input): try await client.updateItem(input, options: options).attributes
      case .delete(let input): try await client.deleteItem(input, options: options).attributes
      }
    return .ok(result: Dialect.old.value(attributes), tells: call.tellsResult)
  }

  private func writeNew(_ call: Call) async -> Told {
    do throws(DualTableError) {
      let attributes =
        switch Dialect.new.request(call) {
        case .put(let input): try await instance.repository.putItem(input).attributes
        case .update(let input): try await instance.repository.updateItem(input).attributes
        case .delete(let input): try await instance.repository.deleteItem(input).attributes
        }
      return .ok(result: Dialect.new.value(attributes), tells: call.tellsResult)
    } catch {
      switch error.code {
      case .conditionFailed: return .refused
      case .outcomeUnknown: return .unknown
      // It was written, and only what it replaced could not be told.
      case .replacedItemUnknown: return .ok(result: nil, tells: false)
      default: return .nothing
      }
    }
  }
}

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
