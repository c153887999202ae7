internal import AWSAuth
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport
internal import MigrationControl

/// Takes one segment's pages across, one at a time: a page in, its puts out, and again what was throttled or lost.
struct SegmentWorker: ~Copyable {
  private let configuration: Backfill.Configuration
  private let control: PassControl
  private let source: PageSource
  private let keys: KeyList?
  private let policy: RetryPolicy
  private var phase: PagePhase
  private var reader: PacedReader
  private var random: SeededGenerator
  /// Keys of the page under way that the old table has no item for.
  private var absent = 0
  /// When the page before had ended, for the time that its checkpoint takes.
  private var endOfPage: Duration?

  init(_ configuration: Backfill.Configuration, index: Int, control: PassControl, keys: KeyList?) async throws(DynamoDBError) {
    self.configuration = configuration
    self.control = control
    self.keys = keys
    source = PageSource(
      PageState(configuration, signer: try await configuration.new.client.makeSigner(operation: .putItem), control: control))
    policy = .bulk(deadline: configuration.patience)
    phase = PagePhase(configuration)
    reader = PacedReader(
      control, sizing: PageSizing(openSegments: configuration.openSegments, bytesInFlight: configuration.bytesInFlight),
      patience: configuration.patience, seed: configuration.seed &+ UInt64(index), on: configuration.old.client.clock)
    random = SeededGenerator(seed: configuration.seed &+ UInt64(index))
  }

  /// Takes a page across and says what it came to.
  ///
  /// - Parameter limit: items that the page may have at most; nil: as many as memory allows.
  /// - Returns: nil if the run was asked to stop and the page could not be finished in time; the next run does it again.
  mutating func migrate(_ next: SegmentPage, limit: Int?) async throws -> PassCheckpoint.Outcome? {
    reader.sizing.share(among: control.openSegments, bytesInFlight: configuration.bytesInFlight)
    if let endOfPage { control.times.add(control.now() - endOfPage, to: .checkpoint) }
    try await phase.begin()
    guard let page = try await read(next, limit: limit) else { return nil }
    try source.begin(page)
    if configuration.isDryRun {
      source.withState { state, page in state.rehearse(page) }
    } else {
      try await renew()
      guard try await settle() else { return nil }
    }
    phase.end()
    var outcome = source.finish()
    outcome.counts[.absent] = absent
    reader.finished(outcome.counts)
    endOfPage = control.now()
    return outcome
  }

  // MARK: Reading

  /// Reads a page as the budget allows; nil if the run was asked to stop before.
  private mutating func read(_ next: SegmentPage, limit: Int?) async throws -> ScanPage? {
    var items = min(limit ?? .max, reader.limit)
    // No more than the write budget takes in a tenth of a second, so that little is redone wherever a slow run is killed.
    if let rate = control.write.status.limit, !configuration.isDryRun {
      items = min(items, max(1, Int(rate / 10 / source.withState { state, _ in state.charge.expected })))
    }
    reader.begin(items: items)
    while try await reader.turn() {
      do {
        let page = try await fetch(next, items)
        reader.received(bytes: page.body.count)
        return page
      } catch let error as DynamoDBError {
        switch error.refusal {
        case nil: guard try await reader.failed(error) else { return nil }
        case .wait where reader.elapsed < configuration.patience:
          reader.notRead()
          try await control.sleep(.milliseconds(250), .backOff, on: configuration.old.client.clock)
        case .wait: throw error
        default:
          reader.notRead()
          try await phase.begin()
        }
      }
    }
    return nil
  }

  private mutating func fetch(_ next: SegmentPage, _ items: Int) async throws -> ScanPage {
    var options = reader.options
    options.gate = phase.gate(.read)
    let began = control.now()
    defer { control.times.add(control.now() - began, to: .reading) }
    let old = configuration.old
    guard let keys else {
      return try await old.client.scanPage(
        ScanPageInput(
          table: old.table, segment: next.segment, totalSegments: next.totalSegments, exclusiveStartKey: next.exclusiveStartKey,
          limit: items,
          consistent: configuration.isConsistent), options: options)
    }
    // Nobody knows the size of the first page's items: few of the largest are as much as memory allows.
    let (lines, following) = try keys.lines(
      of: next, atMost: min(reader.sizing.hasLearned ? items : 4, 100), configuration.mapping.oldSchema)
    // A key that is there twice is refused by the service.
    var seen: Set<Item> = []
    let wanted = lines.filter { seen.insert($0.key).inserted }
    absent = 0
    guard !wanted.isEmpty else { return ScanPage([], next: following, units: 0) }
    let output = try await old.client.batchGetAllItems(
      BatchGetItemInput(
        requestItems: [old.table: KeysAndAttributes(keys: wanted.map(\.key), consistentRead: configuration.isConsistent)],
        returnConsumedCapacity: .total), options: options)
    let found = output.responses[old.table] ?? []
    absent = wanted.count - found.count
    let recorded = Dictionary(wanted.compactMap { line in line.newKey.map { (line.key, $0) } }) { first, _ in first }
    source.withState { state, _ in state.redrive?.recorded = recorded }
    return ScanPage(found, next: following, units: output.consumedCapacity.compactMap(\.capacityUnits).reduce(0, +))
  }

  // MARK: Writing

  /// Sends until every item of the page has ended; false if it had to be given up because the run is to stop.
  private mutating func settle() async throws -> Bool {
    let client = configuration.new.client
    var round = 0
    var lastProgress = control.now()
    var renewed = false
    while true {
      let signedAfter = client.serviceClock.corrections
      await control.timed(.writing) { await client.transport.perform(source, at: client.origin, timeouts: client.timeouts) }
      try Task.checkCancellation()
      try await explainRefusals()
      try await explainDuplicates()
      let (pause, ended, isSettled) = source.withState { state, _ in
        state.charge.note()
        control.write.landed(state.ended)
        return (state.pause, state.ended, state.isSettled)
      }
      let now = control.now()
      if ended > 0 { (round, lastProgress, renewed) = (0, now, false) }
      if pause == nil, isSettled { return true }
      if control.isOver(after: configuration.gracePeriod) { return false }
      switch pause {
      case nil:
        // Waiting for its turn is no trouble that could use up the patience.
        guard try await takeTurn() else { return false }
        lastProgress += control.now() - now
      case .stop(let error):
        // Credentials that ran out while the page was under way, or a clock that is minutes off: with what holds now, before anybody is
        // bothered; but not twice on end.
        guard error.isExpiry || client.serviceClock.corrects(error, signedAfter: signedAfter), !renewed else { throw error }
        renewed = true
        if error.isExpiry { client.credentials.refused() }
        try await renew()
        continue
      case .heldBack(.wait):
        guard now - lastProgress < configuration.patience else { throw DynamoDBError(.wait) }
        try await control.sleep(.milliseconds(250), .backOff, on: client.clock)
      case .heldBack:
        // Nothing of this try was sent; what earlier ones left open stays noted.
        try await phase.begin()
      case .backOff(let error):
        round += 1
        switch policy.decision(attempt: round, error: error, elapsed: now - lastProgress, draw: random.next()) {
        case .retry(let wait):
          guard try await control.rest(wait, after: error, control.write, grace: configuration.gracePeriod, on: client.clock) else {
            return false
          }
        case .giveUp:
          guard source.withState({ state, page in state.giveUp(error, page) }) else { throw error }
        }
      }
      renewed = false
      try await renew()
    }
  }

  /// Waits until the budget lets puts go, where it held them back; false if the run is over.
  private func takeTurn() async throws -> Bool {
    guard let units = source.withState({ state, _ in state.charge.wanted }) else { return true }
    let isOn = try await control.turn(
      control.write, units, .writePace, grace: configuration.gracePeriod, on: configuration.new.client.clock)
    if isOn { source.withState { state, _ in state.charge.allow() } }
    return isOn
  }

  /// Asks for the items in the way where the engine left them out of its refusals.
  private func explainRefusals() async throws {
    let new = configuration.new
    while let token = source.withState({ state, _ in state.unexplained.popLast() }) {
      guard let key = source.withState({ state, page in state.newKey(of: token, page) }) else { continue }
      let input = GetItemInput(tableName: new.table, key: key, consistentRead: true)
      let found = try await new.client.getItem(input, options: readOptions).item
      source.withState { state, page in
        if let found {
          state.charge.refused(by: found.sizeInBytes, reckoned: state.ledger.puts[token].units)
          state.refused(token, by: found, page)
        } else {
          // Swept between refusal and read: nothing is in the way any more.
          state.ledger.repeatLater(token, mayHaveLanded: false)
        }
      }
    }
  }

  /// Asks for the items in the way of batched inserts, whose refusals never bring them.
  private func explainDuplicates() async throws {
    let new = configuration.new
    while true {
      var tokens: [Item: Int] = [:]
      source.withState { state, page in
        while tokens.count < 100, let token = state.duplicates.popLast() {
          if let key = state.newKey(of: token, page) { tokens[key] = token }
        }
      }
      if tokens.isEmpty { return }
      let keys = tokens.sorted { $0.value < $1.value }.map(\.key)
      let output = try await new.client.batchGetAllItems(
        BatchGetItemInput(requestItems: [new.table: KeysAndAttributes(keys: keys, consistentRead: true)]), options: readOptions)
      for item in output.responses[new.table] ?? [] {
        guard let key = configuration.mapping.newSchema.key(of: item), let token = tokens.removeValue(forKey: key) else { continue }
        source.withState { state, page in state.refused(token, by: item, page) }
      }
      // Swept between refusal and read: nothing is in the way any more.
      for token in tokens.values.sorted() {
        source.withState { state, _ in state.ledger.repeatLater(token, mayHaveLanded: false) }
      }
    }
  }

  private var readOptions: CallOptions {
    var options = CallOptions(retry: policy)
    options.gate = phase.gate(.read)
    return options
  }

  /// Takes the credentials and the gate that hold now.
  private func renew() async throws {
    let client = configuration.new.client
    let batchSigner = configuration.writeMode == .batch ? try await client.makeSigner(operation: .batchExecuteStatement) : nil
    let signer = try await client.makeSigner(operation: .putItem)
    let gate = phase.gate(.copy)
    source.withState { state, _ in state.gate = gate }
    source.resume(signer: signer, batchSigner: batchSigner)
  }
}
