internal import Synchronization

/// What the workers of a run spend their time with, all of them together: what most of it goes to is what limits the run.
package final class WorkerTimes: Sendable {
  package enum Activity: Int, Sendable, CaseIterable {
    /// Waiting for pages of the old table.
    case reading
    /// Waiting for answers to puts.
    case writing
    /// Waiting for the operator's or the service's limit on reads.
    case readPace
    case writePace
    /// Resting a segment whose partition is hot.
    case rest
    /// Waiting after errors and lost answers.
    case backOff
    /// Waiting for the disk.
    case checkpoint
  }

  /// Time since the run began, by activity.
  package struct Sums: Sendable, Equatable {
    var values = [Duration](repeating: .zero, count: Activity.allCases.count)

    package init() {}

    package subscript(_ activity: Activity) -> Duration {
      get { values[activity.rawValue] }
      set { values[activity.rawValue] = newValue }
    }

    package static func - (left: Self, right: Self) -> Self {
      var difference = Sums()
      for activity in Activity.allCases { difference[activity] = left[activity] - right[activity] }
      return difference
    }
  }

  private let sums = Mutex(Sums())

  package init() {}

  package var current: Sums { sums.withLock { $0 } }

  package func add(_ time: Duration, to activity: Activity) { sums.withLock { $0[activity] += time } }
}
