package import DynamoDBClient

/// What reading one page after the other takes: its turn, its charge, and the rest after a try that failed.
///
/// The waits between tries are this worker's: throttling is the whole run's business, so a call has one try (`options`).
package struct PacedReader {
  /// How many items pages may have.
  package var sizing: PageSizing
  private let control: PassControl
  private let policy: RetryPolicy
  private let clock: any Clock<Duration>
  private var random: SeededGenerator
  /// Read units that the page under way is expected to take, and that were taken for it.
  private var expected = 0.0
  private var taken = 0.0
  private var began = Duration.zero
  private var sent = Duration.zero
  private var attempt = 0

  /// - Parameters:
  ///   - patience: how long nothing may be read before a page's error stops the run.
  ///   - seed: of the jitter of waits.
  package init(_ control: PassControl, sizing: PageSizing, patience: Duration, seed: UInt64, on clock: any Clock<Duration>) {
    self.control = control
    self.sizing = sizing
    self.clock = clock
    policy = .bulk(deadline: patience)
    random = SeededGenerator(seed: seed)
  }

  /// For each try.
  package var options: CallOptions {
    var once = policy
    once.maximumAttempts = 1
    return CallOptions(retry: once)
  }

  /// Items that the next page may have by memory and by the budget.
  package var limit: Int { sizing.limit(readRate: control.read.status.limit) }

  /// How long ago the page was begun.
  package var elapsed: Duration { control.now() - began }

  /// Begins a page of so many items.
  package mutating func begin(items: Int) {
    (expected, attempt, began) = (sizing.expectedUnits(items: items), 0, control.now())
  }

  /// Waits until a try may go; false if the run was asked to stop.
  package mutating func turn() async throws -> Bool {
    guard try await control.turn(control.read, expected, .readPace, on: clock) else { return false }
    (taken, sent) = (expected, control.now())
    return true
  }

  /// Notes what came, of which more is known than before.
  package mutating func received(bytes: Int) {
    control.meter.read(took: control.now() - sent)
    correct(to: sizing.expectedUnits(bytes: bytes))
  }

  /// Takes the charge back: nothing was read.
  package mutating func notRead() { correct(to: 0) }

  /// Rests after a failed try.
  ///
  /// - Returns: false if the run was asked to stop.
  /// - Throws: the error where there is no use in trying again.
  package mutating func failed(_ error: DynamoDBError) async throws -> Bool {
    control.meter.failed(.read, error)
    notRead()
    attempt += 1
    guard case .retry(let wait) = policy.decision(attempt: attempt, error: error, elapsed: elapsed, draw: random.next()) else {
      throw error
    }
    return try await control.rest(wait, after: error, control.read, on: clock)
  }

  /// Notes what the page held, for the pace and for the size of the next one.
  package mutating func finished(_ counts: PassCounts) {
    let units = Double(counts[.readMilliunits]) / 1_000
    correct(to: units)
    control.read.used(units)
    sizing.learned(items: counts[.scanned], bytes: counts[.bytes], units: units)
  }

  private mutating func correct(to units: Double) {
    control.read.charge(units - taken)
    taken = units
  }
}
