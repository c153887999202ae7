/// What a participant says of itself in the control table.
package struct ParticipantItem: Sendable, Hashable {
  /// Fresh at each registration, so that a new life is never taken for an old one.
  package let name: String
  /// New at each beat; whoever reads one twice, 45 minutes apart, knows the participant for dead.
  package var nonce: Int
  /// The epoch of the control item that it last acknowledged.
  package var acknowledged: Int
  /// When the last of its attempts that hold up a switch is resolved, milliseconds since 1970 by its own clock.
  package var unresolvedUntil: Int64?
  /// True once it wrote to OLD by a client that isn't leased: it never counts as dead by time.
  package var unmanaged: Bool
  /// Reads that fell back to OLD and found something, since it registered.
  package var fallbacks: Int
  /// When the last of them was, milliseconds since 1970.
  package var lastFallback: Int64?
  /// When it last beat, milliseconds since 1970 by its own clock; for people, no decision rests on it.
  package var lastBeat: Int64?

  package init(
    name: String, nonce: Int = 0, acknowledged: Int = 0, unresolvedUntil: Int64? = nil, unmanaged: Bool = false, fallbacks: Int = 0,
    lastFallback: Int64? = nil, lastBeat: Int64? = nil
  ) {
    self.name = name
    self.nonce = nonce
    self.acknowledged = acknowledged
    self.unresolvedUntil = unresolvedUntil
    self.unmanaged = unmanaged
    self.fallbacks = fallbacks
    self.lastFallback = lastFallback
    self.lastBeat = lastBeat
  }
}
