internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Takes one segment's pages across, one at a time: a page in, its puts out, and again what was throttled or lost.
struct SegmentWorker: ~Copyable {
  private let configuration: Backfill.Configuration
  private let control: PassControl
  private let source: PageSource
  private let policy: RetryPolicy
  private var sizing: PageSizing
  private var random: SeededGenerator
  /// Read units that were taken for the page under way.
  private var readTaken = 0.0
  /// When the page before had ended, for the time that its checkpoint takes.
  private var endOfPage: Duration?

  init(_ configuration: Backfill.Configuration, index: Int, control: PassControl) async throws(DynamoDBError) {
    self.configuration = configuration
    self.control = control
    let new = configuration.new
    let template = ConditionalPutTemplate(table: new.table, hashKey: configuration.mapping.newSchema.hash.name)
    source = PageSource(
      PageState(
        template: template, mapping: configuration.mapping, payload: configuration.deadLetterPayload,
        signer: try await new.client.makeSigner(operation: .putItem), wallClock: new.client.wallClock, pace: control.write))
    policy = .bulk(deadline: configuration.patience)
    sizing = PageSizing(openSegments: configuration.openSegments, bytesInFlight: configuration.bytesInFlight)
    random = SeededGenerator(seed: configuration.seed &+ UInt64(index))
  }

  /// Takes a page across and says what it came to.
  ///
  /// - Parameter limit: items that the page may have at most; nil: as many as memory allows.
  /// - Returns: nil if the run was asked to stop and the page could not be finished in time; the next run does it again.
  mutating func migrate(_ next: SegmentPage, limit: Int?) async throws -> PassCheckpoint.Outcome? {
    if let endOfPage { control.times.add(control.now() - endOfPage, to: .checkpoint) }
    guard let page = try await read(next, limit: limit) else { return nil }
    let signer = try await configuration.new.client.makeSigner(operation: .putItem)
    try source.begin(page, signer: signer)
    guard try await settle() else { return nil }
    let outcome = source.finish()
    let units = Double(outcome.counts[.readMilliunits]) / 1_000
    control.read.charge(units - readTaken)
    sizing.learned(items: outcome.counts[.scanned], bytes: outcome.counts[.bytes], units: units)
    endOfPage = control.now()
    return outcome
  }

  // MARK: Reading

  /// Reads a page as the budget allows; nil if the run was asked to stop before.
  private mutating func read(_ next: SegmentPage, limit: Int?) async throws -> ScanPage? {
    let old = configuration.old
    var items = min(limit ?? .max, sizing.limit(readRate: control.read.status.limit))
    // No more than the write budget takes in a tenth of a second, so that little is redone wherever a slow run is killed.
    if let rate = control.write.status.limit {
      items = min(items, max(1, Int(rate / 10 / source.withState { state, _ in state.charge.expected })))
    }
    let input = ScanPageInput(
      table: old.table, segment: next.segment, totalSegments: next.totalSegments, exclusiveStartKey: next.exclusiveStartKey, limit: items,
      consistent: configuration.isConsistent)
    // The waits between tries are this worker's: throttling is the whole run's business.
    var once = policy
    once.maximumAttempts = 1
    let began = control.now()
    var attempt = 0
    readTaken = sizing.expectedUnits(items: items)
    while try await waitForReads() {
      do throws(DynamoDBError) {
        let page = try await control.timed(.reading) { () throws(DynamoDBError) in
          try await old.client.scanPage(input, options: CallOptions(retry: once))
        }
        let units = sizing.expectedUnits(bytes: page.body.count)
        control.read.charge(units - readTaken)
        readTaken = units
        return page
      } catch {
        attempt += 1
        // Nothing was read.
        control.read.charge(-readTaken)
        guard
          case .retry(let wait) = policy.decision(
            attempt: attempt, error: error, elapsed: control.now() - began, draw: random.next())
        else { throw error }
        guard try await rest(after: error, wait, control.read) else { return nil }
      }
    }
    return nil
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
      case .backOff(let error):
        switch policy.decision(attempt: round, error: error, elapsed: now - lastProgress, draw: random.next()) {
        case .retry(let wait): _ = try await rest(after: error, stopSeen == nil ? wait : min(wait, .seconds(1)), control.write)
        case .giveUp: throw error
        }
      }
      source.resume(signer: try await client.makeSigner(operation: .putItem))
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
      let found = try await new.client.getItem(input, options: CallOptions(retry: policy)).item
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
}
