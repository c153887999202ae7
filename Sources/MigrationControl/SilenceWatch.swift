/// Tells which participants have gone silent: whose nonce stood still for 45 minutes of the reader's own clock.
///
/// By then their leases are over and whatever they had sent is resolved, so that a switch need not wait for them, unless they write to OLD
/// by other clients. Whoever removes one does so on condition of the nonce seen here: a participant that beats in between stays.
package struct SilenceWatch: Sendable, Hashable {
  /// Ten minutes of lease, thirty until the last signature is dead, and five to spare.
  package static let longestSilence: Duration = .seconds(2_700)

  private struct Sight: Sendable, Hashable {
    let name: String
    let nonce: Int
    let since: ClockReading
  }

  private var sights: [Sight] = []

  package init() {}

  /// Takes all participants as they were read just now, and gives those that have gone silent.
  package mutating func see(_ participants: [ParticipantItem], at now: ClockReading) -> [ParticipantItem] {
    sights = participants.map { participant in
      sights.first { $0.name == participant.name && $0.nonce == participant.nonce }
        ?? Sight(name: participant.name, nonce: participant.nonce, since: now)
    }
    return zip(participants, sights).compactMap { participant, sight in
      now.least(since: sight.since) >= Self.longestSilence ? participant : nil
    }
  }
}
