package import AWSAuth
package import DynamoDBClient
internal import Synchronization

/// One participant of a fleet: beats, and asks its state machine before every operation and every attempt.
package final class Participant: Sendable {
  /// How often an operation that has to wait looks again. Waits are rare: only a switch or a control table out of reach makes them.
  private static let look: Duration = .milliseconds(20)

  private let table: ControlTable
  private let wallClock: WallClock
  private let clock: any Clock<Duration>
  /// Since the participant was made, by its clock.
  package let elapsed: @Sendable () -> Duration
  private let clients: [DynamoDBClient]
  private let freshName: @Sendable () -> String
  private let machine: Mutex<ParticipantStateMachine>

  /// Makes a participant that isn't registered yet; `run` registers it.
  ///
  /// - Parameters:
  ///   - mapping: the digest of its mapping.
  ///   - clients: whose requests it is asked about: when the clock of one is corrected, what is known of the phase is void.
  ///   - wallClock: dates signatures.
  ///   - clock: measures leases, and waits between beats.
  ///   - freshName: a name that nobody had before, at each call.
  package init(
    table: ControlTable, mapping: String, clients: [DynamoDBClient] = [], wallClock: WallClock, clock: any Clock<Duration>,
    freshName: @escaping @Sendable () -> String
  ) {
    self.table = table
    self.clients = clients.reduce(into: [table.client]) { all, client in
      if !all.contains(where: { $0 === client }) { all.append(client) }
    }
    self.wallClock = wallClock
    self.clock = clock
    self.freshName = freshName
    elapsed = Self.stopwatch(clock)
    machine = Mutex(ParticipantStateMachine(mapping: mapping))
  }

  private static func stopwatch<Time: Clock<Duration>>(_ clock: Time) -> @Sendable () -> Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
  }

  /// Both clocks now.
  package func reading() -> ClockReading {
    // The count last: a correction that the wall clock shows already is counted.
    let (elapsed, wall) = (elapsed(), wallClock.now())
    return ClockReading(elapsed: elapsed, wall: wall, corrections: clients.reduce(0) { $0 + $1.serviceClock.corrections })
  }

  // MARK: - Beats

  /// Beats until the task is cancelled.
  ///
  /// What goes wrong with a beat is tried again with the next: the leases that run out meanwhile stop what must stop.
  ///
  /// - Throws: before the phase was ever known, `notInitialized` or `otherMapping`: nothing could begin then.
  package func run() async throws(MigrationControlError) {
    while true {
      do throws(MigrationControlError) {
        try await beat()
      } catch {
        if phase == nil, error.code != .requestFailed { throw error }
      }
      do { try await clock.sleep(for: max(machine.withLock(\.pause), Self.look)) } catch { return }
    }
  }

  /// One beat: the own item first, then the control item.
  package func beat() async throws(MigrationControlError) {
    let write = machine.withLock { $0.beatBegins(at: reading(), freshName: freshName()) }
    do throws(MigrationControlError) {
      switch try await table.beat(write) {
      case .done: break
      case .refused: return machine.withLock { $0.beatFailed(isGone: true) }
      case .unknown: return machine.withLock { $0.beatFailed(isGone: false) }
      }
      try await read(try await table.controlItem())
    } catch {
      machine.withLock { $0.beatFailed(isGone: false) }
      throw error
    }
  }

  private func read(_ control: ControlItem?) async throws(MigrationControlError) {
    switch machine.withLock({ $0.controlRead(control, at: reading()) }) {
    case .accepted, .stale: break
    case .missing:
      throw MigrationControlError(
        .notInitialized, "The control table \(table.name) knows no migration \(table.migration): run `dualtable phase init`.")
    case .otherMapping:
      throw MigrationControlError(
        .otherMapping, "The migration \(table.migration) is on with another mapping: deploy the one that `phase init` was given.")
    case .withdraw(let drain):
      // Whoever announced it is gone; if it isn't, or another withdraws too, the epoch has moved on, and that is as good.
      _ = try await table.write(drain.changed { $0.next = nil }, expecting: drain.epoch)
    }
  }

  // MARK: - Operations

  /// The phase as of the last beat; nil before the first.
  package var phase: MigrationPhase? { machine.withLock(\.phase) }

  /// Begins an operation in the phase that holds; waits for that to be known, and for a switch to end, to `deadline` at most.
  ///
  /// - Parameter deadline: by `elapsed`.
  package func begin(
    _ kind: RequestKind, isUnmanaged: Bool = false, deadline: Duration
  ) async throws(ParticipantError) -> ParticipantStateMachine.Operation {
    while true {
      switch machine.withLock({ $0.begin(kind, isUnmanaged: isUnmanaged, at: reading()) }) {
      case .begun(let operation): return operation
      case .wrongPhase(let phase): throw .wrongPhase(phase)
      case .wait: try await wait(until: deadline)
      }
    }
  }

  /// Ends an operation.
  package func end(_ operation: ParticipantStateMachine.Operation) { machine.withLock { $0.end(operation) } }

  /// Whether an attempt may be signed with a time that was taken before the call.
  package func sign(_ kind: RequestKind, of operation: ParticipantStateMachine.Operation) -> ParticipantStateMachine.Signing {
    machine.withLock { $0.sign(kind, of: operation, at: reading()) }
  }

  /// Ends an attempt; `isResolved` if its answer tells whether it landed.
  package func end(attempt number: Int, isResolved: Bool) { machine.withLock { $0.end(attempt: number, isResolved: isResolved) } }

  /// Notes a read that found in OLD what NEW lacks.
  package func fellBack() { machine.withLock { $0.fellBack(at: reading()) } }

  private func wait(until deadline: Duration) async throws(ParticipantError) {
    let rest = deadline - elapsed()
    guard rest > .zero else { throw .phaseUnknown }
    do { try await clock.sleep(for: min(Self.look, rest)) } catch { throw .cancelled }
  }
}
