internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Takes one segment's pages across, one at a time: a page in, its puts out, and again what was throttled or lost.
struct SegmentWorker: ~Copyable {
  /// The run was asked to stop and this page could not be finished in time; the next run does it again.
  struct Abandoned: Error {}

  private let configuration: Backfill.Configuration
  private let stop: StopSignal
  private let source: PageSource
  private let readPolicy: RetryPolicy
  private var sizing: PageSizing
  private var random: SeededGenerator

  init(_ configuration: Backfill.Configuration, index: Int, stop: StopSignal) async throws(DynamoDBError) {
    self.configuration = configuration
    self.stop = stop
    let new = configuration.new
    let template = ConditionalPutTemplate(table: new.table, hashKey: configuration.mapping.newSchema.hash.name)
    source = PageSource(
      PageState(
        template: template, mapping: configuration.mapping, payload: configuration.deadLetterPayload,
        signer: try await new.client.makeSigner(operation: .putItem), wallClock: new.client.wallClock))
    readPolicy = .bulk(deadline: configuration.patience)
    sizing = PageSizing(openSegments: configuration.openSegments)
    random = SeededGenerator(seed: configuration.seed &+ UInt64(index))
  }

  /// Takes a page across and says what it came to.
  ///
  /// - Parameter limit: items that the page may have at most; nil: as many as memory allows.
  mutating func migrate(_ next: SegmentPage, limit: Int?) async throws -> PassCheckpoint.Outcome {
    let old = configuration.old
    let page = try await old.client.scanPage(
      ScanPageInput(
        table: old.table, segment: next.segment, totalSegments: next.totalSegments, exclusiveStartKey: next.exclusiveStartKey,
        limit: min(limit ?? .max, sizing.limit), consistent: configuration.isConsistent),
      options: CallOptions(retry: readPolicy))
    let signer = try await configuration.new.client.makeSigner(operation: .putItem)
    try source.begin(page, signer: signer)
    try await settle(on: configuration.new.client.clock)
    let outcome = source.finish()
    sizing.learned(items: outcome.counts[.scanned], bytes: outcome.counts[.bytes])
    return outcome
  }

  /// Sends until every item of the page has ended.
  private mutating func settle<Time: Clock<Duration>>(on clock: Time) async throws {
    let client = configuration.new.client
    var round = 0
    var lastProgress = clock.now
    var stopSeen: Time.Instant?
    var renewed = false
    while true {
      let signedAfter = client.serviceClock.corrections
      await client.transport.perform(source, at: client.origin, timeouts: client.timeouts)
      try Task.checkCancellation()
      try await explainRefusals()
      let (pause, ended, isSettled) = source.withState { state, _ in (state.pause, state.ended, state.isSettled) }
      if ended > 0 { (round, lastProgress) = (0, clock.now) }
      round += 1
      switch pause {
      case nil:
        if isSettled { return }
      case .stop(let error):
        // Credentials that ran out while the page was under way, or a clock that is minutes off: once with what holds now, before anybody is
        // bothered.
        guard error.isExpiry || client.serviceClock.corrects(error, signedAfter: signedAfter), !renewed else { throw error }
        renewed = true
      case .backOff(let error):
        let now = clock.now
        if stop.reason != nil { stopSeen = stopSeen ?? now }
        if let stopSeen, stopSeen.duration(to: now) > configuration.gracePeriod { throw Abandoned() }
        let idle = lastProgress.duration(to: now)
        switch readPolicy.decision(attempt: round, error: error, elapsed: idle, draw: random.next()) {
        case .retry(let wait): try await clock.sleep(for: stopSeen == nil ? wait : min(wait, .seconds(1)))
        case .giveUp: throw error
        }
      }
      source.resume(signer: try await client.makeSigner(operation: .putItem))
    }
  }

  /// Asks for the items in the way where the engine left them out of its refusals.
  private func explainRefusals() async throws {
    let new = configuration.new
    while let token = source.withState({ state, _ in state.unexplained.popLast() }) {
      guard let key = source.withState({ state, page in state.newKey(of: token, page) }) else { continue }
      let input = GetItemInput(tableName: new.table, key: key, consistentRead: true)
      let found = try await new.client.getItem(input, options: CallOptions(retry: readPolicy)).item
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
