internal import DualTable
internal import DynamoDBClient
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import MigrationControl

/// One client of the rehearsed service: does what services do, in a mix of its own, for as long as the rehearsal goes on.
struct ServiceClient: Sendable {
  let client: ModelClient
  let catalog: Catalog
  let meter: TrafficMeter
  let seed: UInt64

  /// Registers that everybody fights for.
  static let hotKeys = 24
  /// Parts of a hundred by client in turn: one reads more, one writes more.
  private static let mixes: [[(TrafficCounts.Kind, Int)]] = [
    [
      (.get, 40), (.batchGet, 8), (.query, 16), (.transactGet, 8), (.put, 8), (.create, 4), (.update, 6), (.delete, 6), (.transactWrite, 4),
    ],
    [(.get, 16), (.put, 30), (.create, 12), (.update, 16), (.replace, 12), (.delete, 10), (.transactWrite, 4)],
    [(.get, 14), (.create, 34), (.delete, 34), (.query, 6), (.put, 6), (.transactWrite, 6)],
    [(.get, 18), (.update, 30), (.replace, 30), (.transactGet, 4), (.transactWrite, 10), (.delete, 8)],
  ]

  func run() async {
    var random = SeededGenerator(seed: seed)
    let mix = Self.mixes[client.number % Self.mixes.count]
    let clock = client.instance.machine.clock
    while !meter.isOver, !client.instance.isLeaving, !client.instance.isDead, !Task.isCancelled {
      await act(draw(mix, &random), &random)
      let pause: Duration = meter.isBusy ? .microseconds(random.below(40_000)) : .milliseconds(15_000 + random.below(30_000))
      do { try await clock.sleep(for: pause) } catch { return }
    }
  }

  private func draw(_ mix: [(TrafficCounts.Kind, Int)], _ random: inout SeededGenerator) -> TrafficCounts.Kind {
    var rest = random.below(mix.reduce(0) { $0 + $1.1 })
    for (kind, share) in mix {
      if rest < share { return kind }
      rest -= share
    }
    return .get
  }

  private func act(_ kind: TrafficCounts.Kind, _ random: inout SeededGenerator) async {
    switch kind {
    case .get:
      meter.count(kind, isDecided: await client.perform(Call(key: name(&random), operation: .get)))
    case .batchGet:
      let names = names(2 + random.below(5), &random)
      meter.count(kind, keys: names.count, isDecided: await client.readAll(names))
    case .query: await query(&random)
    case .transactGet:
      let names = names(2 + random.below(2), &random)
      meter.count(kind, keys: names.count, isDecided: await client.readTogether(names))
    case .transactWrite:
      var calls: [Call] = []
      for name in names(2 + random.below(2), &random) where canWrite(name) {
        calls.append(call([.put, .update, .delete, .replace, .create][random.below(5)], name, &random))
      }
      guard !calls.isEmpty else { return }
      meter.count(kind, keys: calls.count, isDecided: await client.writeTogether(calls))
    case .put, .create, .update, .replace, .delete:
      let name = name(&random)
      guard let operation = HistoryEvent.Operation(rawValue: kind.rawValue), canWrite(name) else { return }
      meter.count(kind, isDecided: await client.perform(call(operation, name, &random)))
    }
  }

  /// False for a write that OLD's format has no room for, while OLD is written.
  private func canWrite(_ name: String) -> Bool { catalog[name].isMarkedByOld || !meter.isOldWritten }

  private func call(_ operation: HistoryEvent.Operation, _ name: String, _ random: inout SeededGenerator) -> Call {
    var call = Call(key: name, operation: operation)
    call.tellsResult = random.below(2) == 0
    if operation == .delete { return call }
    call.value = client.recorder.fresh(client.number)
    // A whole item elsewhere: an expression on nothing would make half of one.
    call.isUpdateExpression = (operation == .update || operation == .replace) && random.below(2) == 0
    guard operation == .replace else { return call }
    // What the item came with is no client's value, which an expression could name.
    let seen = client.recorder.seen(name).filter { !$0.hasPrefix("o-") }
    if seen.isEmpty { call.operation = .update } else { call.expect = seen[random.below(seen.count)] }
    return call
  }

  private func query(_ random: inout SeededGenerator) async {
    let register = catalog[name(&random)]
    guard let hash = register.newKey[catalog.rules.mapping.newSchema.hash.name] else { return }
    let result = await client.query(hash, catalog, limit: random.below(2) == 0 ? 1 + random.below(4) : nil)
    meter.count(.query, keys: catalog.registers(at: hash).count, isDecided: result)
  }

  private func name(_ random: inout SeededGenerator) -> String {
    let registers = catalog.registers
    let isHot = random.below(10) < 4
    return registers[random.below(isHot ? min(Self.hotKeys, registers.count) : registers.count)].name
  }

  /// Some names, each once.
  private func names(_ count: Int, _ random: inout SeededGenerator) -> [String] {
    var names: [String] = []
    for _ in 0..<count {
      let name = name(&random)
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}
