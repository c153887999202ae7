/// How the tool ends, as scripts see it.
enum ToolStatus: Int32, Sendable, CaseIterable {
  /// Done and clean.
  case done = 0
  /// Done, with findings: missing ids, dead letters, a blocker.
  case findings = 1
  /// Couldn't: bad arguments, denied, unreachable.
  case failed = 2
  /// Stopped at a limit that was asked for; more to do.
  case limit = 3
  /// Stopped by a signal; more to do.
  case interrupted = 130
}
