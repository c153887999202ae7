internal import DualTableScan
internal import DynamoDBClient

/// Reads one table's pages, one after the other, as its budget and the service allow.
struct PacedReader {
  private let side: TableSide
  private let control: PassControl
  private let policy: RetryPolicy
  private let isConsistent: Bool
  private let projection: [String]?
  private var sizing: PageSizing
  private var random: SeededGenerator
  /// Read units that were taken for the page under way.
  private var taken = 0.0

  /// - Parameters:
  ///   - isConsistent: or at half the price.
  ///   - projection: attributes to read; nil: all.
  init(
    _ side: TableSide, _ configuration: Verification.Configuration, _ control: PassControl, index: Int, isConsistent: Bool,
    projection: [String]?
  ) {
    self.side = side
    self.control = control
    self.isConsistent = isConsistent
    self.projection = projection
    policy = .bulk(deadline: configuration.patience)
    sizing = PageSizing(openSegments: configuration.openSegments)
    random = SeededGenerator(seed: configuration.seed &+ UInt64(index))
  }

  /// A page; nil if the run was asked to stop before there was one.
  mutating func page(_ next: SegmentPage) async throws -> ScanPage? {
    let items = sizing.limit(readRate: control.read.status.limit)
    let input = ScanPageInput(
      table: side.table, segment: next.segment, totalSegments: next.totalSegments, exclusiveStartKey: next.exclusiveStartKey, limit: items,
      consistent: isConsistent, projection: projection)
    // The waits between tries are this worker's: throttling is the whole scan's business.
    var once = policy
    once.maximumAttempts = 1
    let began = control.now()
    var attempt = 0
    taken = sizing.expectedUnits(items: items)
    while try await mayRead() {
      let sent = control.now()
      do throws(DynamoDBError) {
        let page = try await side.client.scanPage(input, options: CallOptions(retry: once))
        control.meter.read(took: control.now() - sent)
        return page
      } catch {
        attempt += 1
        control.meter.failed(.read, error)
        // Nothing was read.
        control.read.charge(-taken)
        let elapsed = control.now() - began
        guard case .retry(let wait) = policy.decision(attempt: attempt, error: error, elapsed: elapsed, draw: random.next()) else {
          throw error
        }
        // A hot partition is this segment's trouble alone.
        if error.isThrottling, error.throttlingReasons.isEmpty || !error.throttlingReasons.allSatisfy(\.isKeyRange) {
          control.read.throttled(by: error.throttlingReasons.first { !$0.isKeyRange }?.reason ?? error.code.description)
        }
        guard try await rest(wait, as: error.isThrottling ? .readPace : .backOff) else { return nil }
      }
    }
    return nil
  }

  /// Notes what the page held, for the pace and for the size of the next one.
  mutating func finished(_ counts: PassCounts) {
    let units = Double(counts[.readMilliunits]) / 1_000
    control.read.charge(units - taken)
    control.read.used(units)
    sizing.learned(items: counts[.scanned], bytes: counts[.bytes], units: units)
  }

  /// Waits until a read may go; false if the run was asked to stop.
  private func mayRead() async throws -> Bool {
    let place = control.read.take(taken)
    while let place, let time = control.read.wait(for: place) {
      if control.stop.reason != nil { return false }
      try await control.sleep(time, .readPace, on: side.client.clock)
    }
    return control.stop.reason == nil
  }

  private func rest(_ time: Duration, as activity: WorkerTimes.Activity) async throws -> Bool {
    let end = control.now() + time
    while case let left = end - control.now(), left > .zero {
      if control.stop.reason != nil { return false }
      try await control.sleep(left, activity, on: side.client.clock)
    }
    return true
  }
}
