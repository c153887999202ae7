package import AWSAuth

/// Performs a switch of phase: does to the control table what its state machine says, and buries the dead on the way.
package struct PhaseSwitch: Sendable {
  private let table: ControlTable
  private let wallClock: WallClock
  private let clock: any Clock<Duration>

  package init(table: ControlTable, wallClock: WallClock, clock: any Clock<Duration>) {
    self.table = table
    self.wallClock = wallClock
    self.clock = clock
  }

  /// Goes on until the phase holds, or can't be had.
  ///
  /// - Parameters:
  ///   - mustStop: asked before each wait; true withdraws what was announced.
  ///   - fence: puts the fence up that the machine asks for, once everybody is ready; false if it was asked to stop.
  ///   - progress: told of every look at the participants, with those removed as dead.
  ///   - made: told of the step once it is made, with who acknowledged it; not where it was made already.
  /// - Throws: `MigrationControlError`, what `fence` throws, and `CancellationError`; a switch that was left half-way is withdrawn by the
  ///   participants.
  package func perform(
    _ machine: SwitchStateMachine, mustStop: @Sendable () -> Bool = { false }, fence: () async throws -> Bool = { false },
    progress: @Sendable (_ machine: SwitchStateMachine, _ dead: [ParticipantItem]) -> Void = { _, _ in },
    made: @Sendable (StepRecord) async -> Void = { _ in }
  ) async throws -> SwitchStateMachine.Outcome {
    try await perform(machine, mustStop, fence, progress, made, on: clock)
  }

  private func perform<Time: Clock<Duration>>(
    _ machine: SwitchStateMachine, _ mustStop: @Sendable () -> Bool, _ fence: () async throws -> Bool,
    _ progress: @Sendable (SwitchStateMachine, [ParticipantItem]) -> Void, _ made: @Sendable (StepRecord) async -> Void, on clock: Time
  ) async throws -> SwitchStateMachine.Outcome {
    let start = clock.now
    func reading() -> ClockReading { ClockReading(elapsed: start.duration(to: clock.now), wall: wallClock.now()) }
    var machine = machine
    var watch = SilenceWatch()
    var witness = SwitchWitness()
    var action = machine.start()
    while true {
      switch action {
      case .readControl: action = machine.controlRead(try await table.controlItem(), at: reading())
      case .write(let item, let expecting):
        witness.begins(item)
        let isWritten = try await table.write(item, expecting: expecting) == .done
        action = isWritten ? machine.written(at: reading()) : machine.notWritten()
      case .list:
        let listed = try await table.participants()
        var living = listed
        var dead: [ParticipantItem] = []
        for participant in watch.see(listed, at: reading()) {
          switch machine.judge(silent: participant) {
          case .mayWake: continue
          case .harmless: break
          case .dead:
            guard try await table.remove(participant) == .done else { continue }
            dead.append(participant)
            witness.removed(participant)
          }
          living.removeAll { $0.name == participant.name }
        }
        action = machine.listed(living, at: reading())
        witness.saw(living, missing: machine.missing, at: wallClock.now())
        progress(machine, dead)
      case .raiseFence:
        do {
          action = try await fence() ? machine.fenceHolds(at: reading()) : machine.stop()
        } catch {
          if case .write(let item, let expecting) = machine.stop() { _ = try? await table.write(item, expecting: expecting) }
          throw error
        }
      case .wait where mustStop(): action = machine.stop()
      case .wait(let time):
        try await clock.sleep(for: time)
        action = machine.waited()
      case .finish(let outcome):
        if case .done(let item) = outcome, let step = witness.record(of: item, at: wallClock.now()) {
          await made(step)
        }
        return outcome
      }
    }
  }
}
