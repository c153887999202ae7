public import DynamoDBClient
internal import MigrationControl

extension DualTableRepository {
  /// Writes to the old table, in its own format: the service's own code, which goes on to work as it did before the migration.
  ///
  ///     try await repository.oldWrite { old in
  ///       _ = try await old.putItem(PutItemInput(tableName: "users", item: user))
  ///     }
  ///
  /// The switch to phase 3 waits for what is under way. A write that meets it before any of it landed waits for about half a second; then
  /// its phase is over, and `write(old:new:)` goes on with its other half.
  ///
  /// - Parameter body: is handed a client of the old table that sends nothing where the phase forbids it, and that is of no use later. It is
  ///   called again where nothing that it wrote can have landed.
  /// - Throws: `wrongPhase` in phases 3 to 5; `phaseUnknown` where nobody could learn the phase for 15 seconds; `outcomeUnknown` where
  ///   either came half-way; whatever `body` throws.
  public func oldWrite<Output>(_ body: (_ old: DynamoDBClient) async throws -> Output) async throws -> Output {
    switch try await writeOld(body) {
    case .done(let output): return output
    case .over(let phase): throw DualTableError.wrongPhase(phase)
    }
  }

  /// Writes to the old table in whatever way: by another client, by another process.
  ///
  /// It is only counted as a whole, from its beginning to its end. Where an instance that writes so goes silent, nobody knows what of it is
  /// still to come: the switch to phase 3 then needs a fence, or `--accept-unresolved`. The first such write of an instance waits until the
  /// control table says that there are some, five seconds at most. A closure without a parameter behind a bare `oldWrite` is this one, too.
  ///
  /// - Throws: `wrongPhase` in phases 3 to 5; `phaseUnknown` where nobody could learn the phase for 15 seconds; whatever `body` throws.
  public func oldWrite<Output>(unmanaged body: () async throws -> Output) async throws -> Output {
    switch phase {
    case .fixed(let phase):
      guard phase <= .dualRead else { throw DualTableError.wrongPhase(phase) }
      return try await countingInFixedPhase(body)
    case .participant(let participant):
      var deadline: Duration?
      let operation: ParticipantStateMachine.Operation
      do throws(ParticipantError) {
        operation = try await participant.begin(.oldWrite, isUnmanaged: true, patience: new.retry.deadline, until: &deadline)
      } catch {
        throw DualTableError(error)
      }
      defer { participant.end(operation) }
      return try await body()
    }
  }

  /// Writes to the table that the phase says, each in its own format.
  ///
  /// - Parameters:
  ///   - old: writes in phases 1 and 2, as in `oldWrite`.
  ///   - new: writes from phase 3 on, by this repository; called after `old` where phase 3 came before any of it landed.
  /// - Throws: what `oldWrite` throws, but for `wrongPhase`; whatever `old` or `new` throws.
  public func write<Output>(
    old: (_ old: DynamoDBClient) async throws -> Output, new: (_ new: DualTableRepository) async throws -> Output
  ) async throws -> Output {
    switch try await writeOld(old) {
    case .done(let output): output
    // From phase 3 on there is no way back to the old table.
    case .over: try await new(self)
    }
  }

  private enum OldOutcome<Output> {
    case done(Output)
    /// In this phase OLD isn't written any more.
    case over(MigrationPhase)
  }

  private func writeOld<Output>(_ body: (DynamoDBClient) async throws -> Output) async throws -> OldOutcome<Output> {
    let participant: Participant
    switch phase {
    case .fixed(let phase):
      guard phase <= .dualRead else { return .over(phase) }
      return .done(try await countingInFixedPhase { try await body(old.client) })
    case .participant(let member): participant = member
    }
    var deadline: Duration?
    while true {
      let operation: ParticipantStateMachine.Operation
      do throws(ParticipantError) {
        operation = try await participant.begin(.oldWrite, patience: new.retry.deadline, until: &deadline)
      } catch {
        if case .wrongPhase(let phase) = error { return .over(phase) }
        throw DualTableError(error)
      }
      defer { participant.end(operation) }
      let write = OldWrite()
      do {
        return .done(try await body(write.client(of: old.client, operation, participant)))
      } catch {
        guard let refusal = write.refusal, !Task.isCancelled else { throw error }
        guard !write.mayHaveLanded else { throw DualTableError.oldWriteCutShort(error) }
        guard refusal == .beginAnew else { throw DualTableError.phaseUnknown(error) }
      }
    }
  }
}

extension DualTableError {
  fileprivate static func oldWriteCutShort(_ cause: any Error) -> DualTableError {
    DualTableError(
      .outcomeUnknown,
      "A change of the migration's phase met the write to the old table after part of it was sent, which may have happened: read what it "
        + "was to write, and write the rest in the phase that comes.", cause: cause)
  }
}
