/// How often somebody looks again who is held back by a migration's phase.
///
/// A switch makes writers wait for half a second, and they should lose no more. Longer waits come of a control table that can't be reached;
/// then thousands wait, and nobody is helped by their haste.
package enum GatePatience {
  /// How long to wait after so many waits.
  package static func pause(after waits: Int) -> Duration { waits < 50 ? .milliseconds(20) : .milliseconds(250) }
}
