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
    package fileprivate(set) var signed: ClockReading
  }

  private var inFlight: [Attempt] = []
  /// Those that were given up on: of each kind and phase the one that was signed last, after which the others can't land any more either.
  /// An outage leaves thousands a second.
  private var adrift: [Attempt] = []
  private var signedSoFar = 0

  package init() {}

  /// Notes an attempt that is about to be signed.
  package mutating func sign(_ kind: RequestKind, phase: MigrationPhase, at now: ClockReading) -> Attempt {
    signedSoFar += 1
    let attempt = Attempt(number: signedSoFar, kind: kind, phase: phase, signed: now)
    if kind.isWrite { inFlight.append(attempt) }
    return attempt
  }

  /// Notes the end of an attempt; one whose answer tells nothing stays unresolved until its signature is dead.
  package mutating func end(_ number: Int, isResolved: Bool) {
    guard let index = inFlight.firstIndex(where: { $0.number == number }) else { return }
    let attempt = inFlight.remove(at: index)
    guard !isResolved else { return }
    if let like = adrift.firstIndex(where: { $0.kind == attempt.kind && $0.phase == attempt.phase }) {
      adrift[like].signed = adrift[like].signed.latest(attempt.signed)
    } else {
      adrift.append(attempt)
    }
  }

  /// Forgets what can't land any more. The clock that says less decides: an attempt forgotten too soon is a lost update.
  package mutating func expire(at now: ClockReading) {
    adrift.removeAll { now.least(since: $0.signed) >= Self.signatureLife }
  }

  /// True if one of those that `concerns` picks is in flight, or was given up on and may still land.
  package func holds(unresolvedToo: Bool, where concerns: (Attempt) -> Bool) -> Bool {
    inFlight.contains(where: concerns) || unresolvedToo && adrift.contains(where: concerns)
  }

  /// True if nothing is in flight.
  package var isIdle: Bool { inFlight.isEmpty }
  /// True if nothing can land any more.
  package var isEmpty: Bool { inFlight.isEmpty && adrift.isEmpty }

  /// When the last attempt that was given up on is resolved, milliseconds since 1970.
  package var unresolvedUntil: Int64? {
    adrift.map(\.signed.wall).max().map { $0 + Self.signatureLife.components.seconds * 1_000 }
  }
}
