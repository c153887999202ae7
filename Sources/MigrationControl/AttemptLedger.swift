/// The write attempts of one participant that may still land.
///
/// An attempt is one sending of one request. It is resolved when its answer tells whether it landed, or once its signature is dead.
package struct AttemptLedger: Sendable, Hashable {
  /// How long after its signing a request may still be taken: twice what was seen, whatever the service's documents say.
  package static let signatureLife: Duration = .seconds(1_800)

  /// An attempt that was signed.
  package struct Attempt: Sendable, Hashable {
    package let number: Int
    package let kind: RequestKind
    /// The phase in which its operation began.
    package let phase: MigrationPhase
    package let signed: ClockReading
    fileprivate var isGivenUp = false
  }

  private var attempts: [Attempt] = []
  private var signedSoFar = 0

  package init() {}

  /// Notes an attempt that is about to be signed.
  package mutating func sign(_ kind: RequestKind, phase: MigrationPhase, at now: ClockReading) -> Attempt {
    signedSoFar += 1
    let attempt = Attempt(number: signedSoFar, kind: kind, phase: phase, signed: now)
    if kind.isWrite { attempts.append(attempt) }
    return attempt
  }

  /// Notes the end of an attempt; one whose answer tells nothing stays unresolved until its signature is dead.
  package mutating func end(_ number: Int, isResolved: Bool) {
    guard let index = attempts.firstIndex(where: { $0.number == number }) else { return }
    if isResolved { attempts.remove(at: index) } else { attempts[index].isGivenUp = true }
  }

  /// Forgets what can't land any more. The clock that says less decides: an attempt forgotten too soon is a lost update.
  package mutating func expire(at now: ClockReading) {
    attempts.removeAll { $0.isGivenUp && now.least(since: $0.signed) >= Self.signatureLife }
  }

  /// True if one of those that `concerns` picks is in flight, or was given up on and may still land.
  package func holds(unresolvedToo: Bool, where concerns: (Attempt) -> Bool) -> Bool {
    attempts.contains { concerns($0) && (unresolvedToo || !$0.isGivenUp) }
  }

  /// When the last attempt that was given up on is resolved, milliseconds since 1970.
  package var unresolvedUntil: Int64? {
    let last = attempts.filter(\.isGivenUp).map(\.signed.wall).max()
    return last.map { $0 + Self.signatureLife.components.seconds * 1_000 }
  }
}
