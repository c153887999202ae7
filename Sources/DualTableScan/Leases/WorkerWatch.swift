/// Tells which workers of a shared pass have gone silent: whose nonce stood still for as long as a lease, by the observer's own time.
///
/// No two machines' clocks are ever compared. Silence is summed up from look to look, and a long time between two looks counts little: an
/// observer that was suspended itself, or could not reach the table, has no reason to think that all others died meanwhile.
package struct WorkerWatch: Sendable, Equatable {
  /// How long a nonce stands still until what its worker holds may be taken.
  package static let lease: Duration = .seconds(20)
  /// Between two beats of a worker.
  package static let beat: Duration = .seconds(5)
  /// How long what a beat has learned may be used: long over before anybody else calls the worker dead.
  package static let trust: Duration = .seconds(12)

  /// A worker as it says of itself.
  package struct Beat: Sendable, Hashable {
    package let name: String
    package let nonce: Int
    /// What it claims of the budgets, in parts of `BudgetShare.whole`.
    package let claim: Int

    package init(name: String, nonce: Int, claim: Int = 0) {
      self.name = name
      self.nonce = nonce
      self.claim = claim
    }
  }

  private struct Sight: Sendable, Equatable {
    let beat: Beat
    var silence: Duration = .zero
  }

  private var sights: [Sight] = []
  private var lastLook: Duration?

  package init() {}

  /// Takes all workers as they were read just now.
  ///
  /// - Parameter now: monotonic, the observer's own.
  package mutating func see(_ beats: [Beat], at now: Duration) {
    let passed = min(now - (lastLook ?? now), Self.beat * 2)
    lastLook = now
    let before = Dictionary(uniqueKeysWithValues: sights.map { ($0.beat, $0.silence) })
    sights = beats.map { beat in Sight(beat: beat, silence: before[beat].map { $0 + passed } ?? .zero) }
  }

  /// Those that aren't silent, in the order in which they were read.
  package var living: [Beat] { sights.filter { $0.silence < Self.lease }.map(\.beat) }

  /// Those that have been silent for as long as a lease.
  package var silent: [Beat] { sights.filter { $0.silence >= Self.lease }.map(\.beat) }

  /// Whether `name` is there.
  package func isListed(_ name: String) -> Bool { sights.contains { $0.beat.name == name } }

  /// Whether `name` is there and silent.
  package func isSilent(_ name: String) -> Bool { sights.contains { $0.beat.name == name && $0.silence >= Self.lease } }
}
