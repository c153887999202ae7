internal import Dispatch
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import Synchronization

/// The items of a rehearsal: those that OLD holds at first, and some that it doesn't, for clients to create.
struct Stock: Sendable {
  /// Registers at most: each has a history, which must be long enough to tell something.
  private static let mostRegisters = 4_000
  /// One register in eight isn't there at first.
  private static let absent = 8
  private static let chunk = 4_000

  private let configuration: Rehearsal.Configuration
  private let maker: ItemMaker

  init(_ configuration: Rehearsal.Configuration) {
    self.configuration = configuration
    maker = ItemMaker(mapping: configuration.mapping, seed: configuration.seed)
  }

  /// Items that OLD holds at first.
  var count: Int {
    switch configuration.items {
    case .madeUp(let count): count
    // The last of one's own are held back, to be created.
    case .given(let items): max(1, items.count - extra)
    }
  }

  /// Items that it doesn't hold.
  private var extra: Int {
    let registers =
      switch configuration.items {
      case .madeUp: min(Self.mostRegisters, configuration.operations / 20)
      case .given(let items): min(Self.mostRegisters, configuration.operations / 20, items.count / 2)
      }
    return registers / Self.absent
  }

  private func item(_ number: Int) throws(RehearsalError) -> Item {
    switch configuration.items {
    case .madeUp: try maker.item(number)
    case .given(let items): items[number]
    }
  }

  /// The registers: spread over OLD's items, and all that it doesn't hold.
  ///
  /// Where there is a way back, only what it brings back.
  func catalog() throws(RehearsalError) -> Catalog {
    var taken: [String] = []
    for number in 0..<min(count + extra, 500) { taken += try item(number).map(\.name) }
    let rules = CatalogRules(configuration.mapping, taken: taken)
    var catalog = Catalog(rules, oldTable: "old", newTable: "new")
    func add(_ register: Register) {
      if let inverse = configuration.inverse, Register(returning: register, by: rules.inverted(by: inverse)) == nil { return }
      catalog.add(register)
    }
    let wanted = min(Self.mostRegisters, max(1, configuration.operations / 20))
    let step = max(1, count / max(1, wanted - extra))
    for number in stride(from: 0, to: count, by: step) {
      if let register = Register(try item(number), number: number, isThere: true, in: rules) { add(register) }
    }
    for number in count..<count + extra {
      if let register = Register(try item(number), number: number, isThere: false, in: rules) { add(register) }
    }
    guard !catalog.registers.isEmpty else {
      throw RehearsalError(.items, "The mapping converts none of the items, so that there is nothing to rehearse: see `mapping check`.")
    }
    return catalog
  }

  /// Fills OLD, behind the requests' backs, and writes down what histories begin with.
  func fill(_ world: RehearsalWorld, _ move: RehearsedMove, _ stop: StopSignal) async throws {
    for start in stride(from: 0, to: count, by: Self.chunk) {
      if stop.reason != nil { throw CancellationError() }
      let end = min(start + Self.chunk, count)
      let items = try made(start..<end)
      world.simulator.change { service in for item in items { service.put(item, in: move.old) } }
      world.at(.prepare, "\(end.grouped) of \(count.grouped) items")
    }
    for register in move.catalog.registers { world.recorder.initial(register.name, register.initial) }
  }

  /// Items made up on all cores, in order.
  private func made(_ range: Range<Int>) throws(RehearsalError) -> [Item] {
    if case .given(let items) = configuration.items { return Array(items[range]) }
    let parts = 8
    let results = Mutex<[Int: Result<[Item], RehearsalError>]>([:])
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      let own = range.lowerBound + range.count * part / parts..<range.lowerBound + range.count * (part + 1) / parts
      let result = Result { () throws(RehearsalError) in
        var items: [Item] = []
        for number in own { items.append(try maker.item(number)) }
        return items
      }
      results.withLock { $0[part] = result }
    }
    var items: [Item] = []
    let made = results.withLock { $0 }
    for part in 0..<parts { items += try made[part]?.get() ?? [] }
    return items
  }
}
