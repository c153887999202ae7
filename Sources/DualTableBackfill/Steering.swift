internal import AWSAuth
internal import DualTableScan
internal import DynamoDBClient
internal import Synchronization

/// What an operator may change of a run, and what they are told: budgets by the tables' capacity, and the answers of the control socket.
final class Steering: Sendable {
  /// What is asked of a run that is under way and was not done yet: it is written down by whoever has the journal.
  private struct State {
    var read: CapacityBudget?
    var write: CapacityBudget?
    /// What the tables were seen to be provisioned with; 0 on demand.
    var provisionedRead: Int
    var provisionedWrite: Int
    /// Of a run that several processes share: which part of the budgets is this one's, and until when.
    var share: (part: Double, until: Duration)?
    var unwritten: [PassChange] = []
    var progress: BackfillProgress?
  }

  private let configuration: Backfill.Configuration
  private let control: PassControl
  private let state: Mutex<State>

  /// Sets what the operator allows; percentages are of what is provisioned.
  init(_ configuration: Backfill.Configuration, _ control: PassControl, _ tables: Preflight) throws(BackfillError) {
    self.configuration = configuration
    self.control = control
    state = Mutex(
      State(
        read: configuration.readBudget, write: configuration.writeBudget,
        provisionedRead: tables.old.provisionedThroughput?.readCapacityUnits ?? 0,
        provisionedWrite: tables.new.provisionedThroughput?.writeCapacityUnits ?? 0))
    if let refusal = settle() { throw BackfillError(.unsuitable, refusal) }
  }

  /// What was changed since the last call.
  func takeChanges() -> [PassChange] {
    state.withLock { state in
      defer { state.unwritten = [] }
      return state.unwritten
    }
  }

  /// Notes where the run stands, for whoever asks.
  func note(_ progress: BackfillProgress) { state.withLock { $0.progress = progress } }

  /// Looks again at what the tables are provisioned with, where a budget depends on it; what can't be asked now stays as it was.
  func lookAgain() async {
    let (read, write) = state.withLock { ($0.read, $0.write) }
    if case .percent = read, let table = try? await describe(configuration.old) {
      state.withLock { $0.provisionedRead = table.provisionedThroughput?.readCapacityUnits ?? 0 }
    }
    if case .percent = write, let table = try? await describe(configuration.new) {
      state.withLock { $0.provisionedWrite = table.provisionedThroughput?.writeCapacityUnits ?? 0 }
    }
    _ = settle()
  }

  /// Goes on by what holds for all workers of the run.
  func apply(_ terms: LeasedCheckpoint.Terms) {
    let settings = terms.settings
    state.withLock { state in
      (state.read, state.write) = (settings.readBudget, settings.writeBudget)
      state.share = (terms.share, terms.until)
    }
    // A budget that can't be one was refused when the run began, or by `ctl`.
    _ = settle()
    if control.isPaused != settings.isPaused { control.setPaused(settings.isPaused) }
    if let open = settings.openSegments { control.openSegments = open }
  }

  /// Answers a line of the control socket.
  func answer(_ line: String) -> String {
    guard let request = ControlRequest(line) else { return #"{"error":"That is no request of this version's; use the same dualtable."}"# }
    switch request {
    case .status:
      let progress = state.withLock(\.progress)
      return progress.flatMap { progress in configuration.describe.map { $0(progress) } } ?? "{}"
    case .pause: control.setPaused(true)
    case .resume: control.setPaused(false)
    case .stop: control.stop.request(.interrupted)
    case .change(let read, let write, let openSegments):
      let before = state.withLock { ($0.read, $0.write) }
      state.withLock { state in
        state.read = read ?? state.read
        state.write = write ?? state.write
      }
      if let refusal = settle() {
        state.withLock { ($0.read, $0.write) = before }
        return "{\"error\":\"\(refusal)\"}"
      }
      if let openSegments { control.openSegments = openSegments }
    }
    if let what = request.summary {
      let change = PassChange(milliseconds: configuration.new.client.wallClock.now(), what: what)
      state.withLock { $0.unwritten.append(change) }
    }
    return #"{"done":true}"#
  }

  /// Sets the paces; says why where a budget can't be one.
  private func settle() -> String? {
    let state = state.withLock { $0 }
    var found: [Double?] = []
    for (budget, side, provisioned) in [
      (state.read, configuration.old, state.provisionedRead), (state.write, configuration.new, state.provisionedWrite),
    ] {
      let units = budget.flatMap { $0.units(provisioned: provisioned) }
      if let budget, units == nil { return budget.refusal(side.table) }
      found.append(units)
    }
    let (part, until) = (state.share?.part ?? 1, state.share?.until)
    control.read.setBudget(found[0].map { $0 * part }, until: until)
    control.write.setBudget(found[1].map { $0 * part }, until: until)
    return nil
  }

  private func describe(_ side: TableSide) async throws -> TableDescription {
    try await side.client.describeTable(DescribeTableInput(tableName: side.table)).table
  }
}
