/// Tells when a fence holds: once the probe was refused for 60 s on end, since policies spread eventually.
package struct FenceWatch: Sendable, Hashable {
  /// How long the probe must have been refused.
  package static let longestSpread: Duration = .seconds(60)
  /// How long to go on where it still passes now and then.
  package static let patience: Duration = .seconds(600)
  /// Between probes.
  package static let look: Duration = .seconds(1)

  package enum Probe: Sendable, Hashable {
    /// By a policy.
    case refused
    /// It would have been carried out, were its condition true.
    case allowed
    /// Nobody can say: no answer came.
    case unanswered
  }

  package enum Step: Sendable, Hashable {
    case probeAgain
    case holds
    /// Writes pass after all this time: there is no point in waiting longer.
    case disobeyed
    /// Too few probes were answered to tell.
    case unanswered
  }

  private var refusedSince: Duration?

  package init() {}

  /// How long the probe has been refused.
  package func refused(at now: Duration) -> Duration { refusedSince.map { now - $0 } ?? .zero }

  /// Takes what a probe, begun at `began` since the policy was put, came to.
  package mutating func probed(_ probe: Probe, began: Duration, at now: Duration) -> Step {
    // One that wasn't answered begins the minute anew, like one that passed. It may have been let in by a part of the service that doesn't
    // know the policy yet, and nothing tells later: its condition is false, so that it leaves no trace to be read, and the same probe sent
    // again may come to another part. To leave it out of account would be right only if losing answers and missing policies had nothing to
    // do with one another. A part of the service that is cut off does both: probes that reach it go unanswered, while a write given up on,
    // for which the fence is put up, still gets through it, over a later one that was acknowledged.
    guard probe == .refused else {
      refusedSince = nil
      guard now >= Self.patience else { return .probeAgain }
      return probe == .allowed ? .disobeyed : .unanswered
    }
    let since = refusedSince ?? began
    refusedSince = since
    return began - since >= Self.longestSpread ? .holds : .probeAgain
  }
}
