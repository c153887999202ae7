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
  private var sizing: PageSizing
  private var random: SeededGenerator
  /// Read units that were taken for the page under way.
  private var readTaken = 0.0
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
    sizing = PageSizing(openSegments: configuration.openSegments, bytesInFlight: configuration.bytesInFlight)
    random = SeededGenerator(seed: configuration.seed &+ UInt64(index))
  }

  /// Takes a page across and says what it came to.
  ///
  /// - Parameter limit: items that the page may have at most; nil: as many as memory allows.
  /// - Returns: nil if the run was asked to stop and the page could not be finished in time; the next run does it again.
  mutating func migrate(_ next: SegmentPage, limit: Int?) async throws -> PassCheckpoint.Outcome? {
    sizing.share(among: control.openSegments, bytesInFlight: configuration.bytesInFlight)
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
    let units = Double(outcome.counts[.readMilliunits]) / 1_000
    control.read.charge(units - readTaken)
    sizing.learned(items: outcome.counts[.scanned], bytes: outcome.counts[.bytes], units: units)
    endOfPage = control.now()
    return outcome
  }

  // MARK: Reading

  /// Reads a page as the budget allows; nil if the run was asked to stop before.
  private mutating func read(_ next: SegmentPage, limit: Int?) async throws -> ScanPage? {
    var items = min(limit ?? .max, sizing.limit(readRate: control.read.status.limit))
    // No more than the write budget takes in a tenth of a second, so that little is redone wherever a slow run is killed.
    if let rate = control.write.status.limit, !configuration.isDryRun {
      items = min(items, max(1, Int(rate / 10 / source.withState { state, _ in state.charge.expected })))
    }
    // The waits between tries are this worker's: throttling is the whole run's business.
    var once = policy
    once.maximumAttempts = 1
    let began = control.now()
    var attempt = 0
    readTaken = sizing.expectedUnits(items: items)
    while try await waitForReads() {
      var options = CallOptions(retry: once)
      options.gate = phase.gate(.read)
      do {
        let page = try await fetch(next, items, options)
        let units = sizing.expectedUnits(bytes: page.body.count)
        control.read.charge(units - readTaken)
        readTaken = units
        return page
      } catch let error as DynamoDBError {
        attempt += 1
        control.meter.failed(.read, error)
        // Nothing was read.
        control.read.charge(-readTaken)
        if let refusal = error.refusal, refusal != .wait {
          try await phase.begin()
          continue
        }
        let elapsed = control.now() - began
        if error.refusal == .wait, elapsed < configuration.patience {
          try await control.sleep(.milliseconds(250), .backOff, on: configuration.old.client.clock)
          continue
        }
        guard case .retry(let wait) = policy.decision(attempt: attempt, error: error, elapsed: elapsed, draw: random.next()) else {
          throw error
        }
        guard try await rest(after: error, wait, control.read) else { return nil }
      }
    }
    return nil
  }

  private mutating func fetch(_ next: SegmentPage, _ items: Int, _ options: CallOptions) async throws -> ScanPage {
    let began = control.now()
    defer { control.times.add(control.now() - began, to: .reading) }
    let page = try await fetched(next, items, options)
    control.meter.read(took: control.now() - began)
    return page
  }

  private mutating func fetched(_ next: SegmentPage, _ items: Int, _ options: CallOptions) async throws -> ScanPage {
    let old = configuration.old
    guard let keys else {
      return try await old.client.scanPage(
        ScanPageInput(
          table: old.table, segment: next.segment, totalSegments: next.totalSegments, exclusiveStartKey: next.exclusiveStartKey,
          limit: items,
          consistent: configuration.isConsistent), options: options)
    }
    // Nobody knows the size of the first page's items: few of the largest are as much as memory allows.
    let (lines, following) = try keys.lines(of: next, atMost: min(sizing.hasLearned ? items : 4, 100), configuration.mapping.oldSchema)
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

  /// Waits until a read may go; false if the run was asked to stop.
  private func waitForReads() async throws -> Bool {
    let place = control.read.take(readTaken)
    while let place, let wait = control.read.wait(for: place) {
      if control.stop.reason != nil { return false }
      try await control.sleep(wait, .readPace, on: configuration.old.client.clock)
    }
    return control.stop.reason == nil
  }

  // MARK: Writing

  /// Sends until every item of the page has ended; false if it had to be given up because the run is to stop.
  private mutating func settle() async throws -> Bool {
    let client = configuration.new.client
    var round = 0
    var lastProgress = control.now()
    var stopSeen: Duration?
    var renewed = false
    while true {
      let signedAfter = client.serviceClock.corrections
      await control.timed(.writing) { await client.transport.perform(source, at: client.origin, timeouts: client.timeouts) }
      try Task.checkCancellation()
      try await explainRefusals()
      try await explainDuplicates()
      let (pause, ended, wait, isSettled) = source.withState { state, _ in
        state.charge.note()
        return (state.pause, state.ended, state.charge.wait, state.isSettled)
      }
      let now = control.now()
      if ended > 0 { (round, lastProgress) = (0, now) }
      round += 1
      if pause == nil, isSettled { return true }
      if control.stop.reason != nil { stopSeen = stopSeen ?? now }
      if let stopSeen, now - stopSeen > configuration.gracePeriod { return false }
      switch pause {
      case nil:
        // Waiting for its turn is no trouble that could use up the patience.
        lastProgress = now
        if let wait { try await control.sleep(wait, .writePace, on: client.clock) }
      case .stop(let error):
        // Credentials that ran out while the page was under way, or a clock that is minutes off: once with what holds now, before anybody is
        // bothered.
        guard error.isExpiry || client.serviceClock.corrects(error, signedAfter: signedAfter), !renewed else { throw error }
        renewed = true
      case .heldBack(.wait):
        guard now - lastProgress < configuration.patience else { throw DynamoDBError(.wait) }
        try await control.sleep(.milliseconds(250), .backOff, on: client.clock)
      case .heldBack:
        // Nothing of this try was sent; what earlier ones left open stays noted.
        try await phase.begin()
      case .backOff(let error):
        switch policy.decision(attempt: round, error: error, elapsed: now - lastProgress, draw: random.next()) {
        case .retry(let wait): _ = try await rest(after: error, stopSeen == nil ? wait : min(wait, .seconds(1)), control.write)
        case .giveUp: throw error
        }
      }
      try await renew()
    }
  }

  /// Waits before the next try; what throttles the table or the account slows down everybody.
  ///
  /// - Returns: false if the run was asked to stop.
  private func rest(after error: DynamoDBError, _ wait: Duration, _ pace: Pace) async throws -> Bool {
    let isHotPartition = !error.throttlingReasons.isEmpty && error.throttlingReasons.allSatisfy(\.isKeyRange)
    if error.isThrottling && !isHotPartition {
      pace.throttled(by: error.throttlingReasons.first { !$0.isKeyRange }?.reason ?? error.code.description)
    }
    let activity: WorkerTimes.Activity =
      switch (error.isThrottling, isHotPartition) {
      case (_, true): .rest
      case (true, false): pace === control.read ? .readPace : .writePace
      case (false, false): .backOff
      }
    let end = control.now() + wait
    while case let left = end - control.now(), left > .zero {
      if control.stop.reason != nil && wait > .seconds(1) { return false }
      try await control.sleep(left, activity, on: configuration.new.client.clock)
    }
    return true
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
