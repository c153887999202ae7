package import AWSAuth
package import DynamoDBClient
internal import Synchronization
package import Telemetry

/// One participant of a fleet: beats, and asks its state machine before every operation and every attempt.
package final class Participant: Sendable {
  /// How long a request of a beat may take with all its tries: one that hangs must not cost old writes their lease.
  private static let patience: Duration = .seconds(2)

  private let table: ControlTable
  private let wallClock: WallClock
  private let clock: any Clock<Duration>
  /// Since the participant was made, by its clock.
  package let elapsed: @Sendable () -> Duration
  /// Those of the clients whose requests it is asked about.
  private let clocks: [ServiceClock]
  private let freshName: @Sendable () -> String
  private let observer: ParticipantObserver?
  private let machine: Mutex<ParticipantStateMachine>
  private let isRunning = Atomic(false)

  /// Makes a participant that isn't registered yet; `run` registers it.
  ///
  /// - Parameters:
  ///   - mapping: the digest of its mapping.
  ///   - clients: whose requests it is asked about: when the clock of one is corrected, what is known of the phase is void.
  ///   - wallClock: dates signatures.
  ///   - clock: measures leases, and waits between beats.
  ///   - telemetry: told of phases and beats.
  ///   - freshName: a name that nobody had before, at each call.
  package init(
    table: ControlTable, mapping: String, clients: [DynamoDBClient] = [], wallClock: WallClock, clock: any Clock<Duration>,
    telemetry: TelemetrySinks = .none, freshName: @escaping @Sendable () -> String
  ) {
    self.table = table.with(patience: Self.patience)
    clocks = clients.reduce(into: [table.client.serviceClock]) { clocks, client in
      if !clocks.contains(where: { $0 === client.serviceClock }) { clocks.append(client.serviceClock) }
    }
    self.wallClock = wallClock
    self.clock = clock
    self.freshName = freshName
    elapsed = Self.stopwatch(clock)
    observer = ParticipantObserver(telemetry)
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
    var corrections = 0
    for clock in clocks { corrections += clock.corrections }
    return ClockReading(elapsed: elapsed, wall: wall, corrections: corrections)
  }

  // MARK: - Beats

  /// Beats until the task is cancelled; then lets nothing begin any more, awaits what is under way, and signs off.
  ///
  /// What goes wrong with a beat is tried again with the next: the leases that run out meanwhile stop what must stop. Only one `run` goes
  /// on at a time.
  ///
  /// - Throws: before the phase was ever known, `notInitialized` or `otherMapping`, and where no policy allows the beat: nothing could begin
  ///   then. After that, where no policy allows it to sign off: a switch waits 45 minutes for it then.
  package func run() async throws(MigrationControlError) {
    let wasRunning = isRunning.exchange(true, ordering: .acquiringAndReleasing)
    precondition(!wasRunning, "A participant runs once at a time: its beats must not overlap.")
    defer { isRunning.store(false, ordering: .releasing) }
    machine.withLock { $0.open() }
    var failure: MigrationControlError?
    do throws(MigrationControlError) { try await beatOn() } catch { failure = error }
    let denial = await uncancelled { await self.leave() }
    if let failure = failure ?? denial { throw failure }
  }

  private func beatOn() async throws(MigrationControlError) {
    while !Task.isCancelled {
      do throws(MigrationControlError) {
        try await beat()
      } catch {
        if phase == nil, error.code != .requestFailed || error.cause?.code == .accessDenied { throw error }
      }
      try? await clock.sleep(for: pause)
    }
  }

  /// Between the end of a beat and the next, which is never at once: whatever wants it may have company.
  private var pause: Duration { max(machine.withLock(\.pause), .milliseconds(20)) }

  /// Beats until the last operation has ended: what is under way needs its lease, and a switch its acknowledgement.
  ///
  /// - Returns: why it could not sign off, where no policy allows it.
  private func leave() async -> MigrationControlError? {
    machine.withLock { $0.close() }
    while true {
      // Once more where nothing is under way, too: the last beat may have been cut short, and its nonce is anybody's guess.
      if machine.withLock(\.isRegistered) { try? await beat() }
      if machine.withLock(\.isIdle) { break }
      try? await clock.sleep(for: pause)
    }
    guard let item = machine.withLock({ $0.signOff(at: reading()) }) else { return nil }
    do throws(MigrationControlError) {
      _ = try await table.remove(item)
      return nil
    } catch {
      // What else goes wrong is nobody's fault, and 45 minutes of silence tell the same.
      guard error.cause?.code == .accessDenied else { return nil }
      return MigrationControlError(
        .requestFailed, "\(item.name) could not sign off, so that a switch waits 45 minutes for it.", cause: error.cause)
    }
  }

  /// One beat: the own item first, then the control item.
  package func beat() async throws(MigrationControlError) {
    let write = machine.withLock { $0.beatBegins(at: reading(), freshName: freshName()) }
    do throws(MigrationControlError) {
      switch try await table.beat(write, at: wallClock.now()) {
      case .done: break
      case .refused: return failed(isGone: true)
      case .unknown: return failed(isGone: false)
      }
      let read = try await table.controlItem()
      try await take(read)
    } catch {
      failed(isGone: false, error)
      throw error
    }
  }

  private func failed(isGone: Bool, _ error: MigrationControlError? = nil) {
    let age = machine.withLock { machine in
      machine.beatFailed(isGone: isGone)
      return machine.leaseAge(at: reading())
    }
    observer?.beatFailed(isGone: isGone, error, leaseAge: age)
  }

  private func take(_ control: ControlItem?) async throws(MigrationControlError) {
    let (result, phase, age) = machine.withLock { machine in
      let now = reading()
      return (machine.controlRead(control, at: now), machine.phase, machine.leaseAge(at: now))
    }
    if let phase { observer?.beat(phase, leaseAge: age) }
    switch result {
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

  /// Begins an operation in the phase that holds; waits for that to be known, and for a switch to end.
  ///
  /// - Parameters:
  ///   - isUnmanaged: it writes to OLD by a client that isn't leased. The first such operation waits for the next beat, which says so.
  ///   - deadline: how long to wait at most, by `elapsed`; set from `patience` by the first wait, so that one who begins again has no more.
  package func begin(
    _ kind: RequestKind, isUnmanaged: Bool = false, patience: Duration, until deadline: inout Duration?
  ) async throws(ParticipantError) -> ParticipantStateMachine.Operation {
    var waits = 0
    while true {
      switch machine.withLock({ $0.begin(kind, isUnmanaged: isUnmanaged, at: reading()) }) {
      case .begun(let operation): return operation
      case .wrongPhase(let phase): throw .wrongPhase(phase)
      case .closed: throw .closed
      case .wait:
        let end = deadline ?? elapsed() + patience
        deadline = end
        let rest = end - elapsed()
        guard rest > .zero else { throw .phaseUnknown }
        do { try await clock.sleep(for: min(GatePatience.pause(after: waits), rest)) } catch { throw .cancelled }
        waits += 1
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
}
