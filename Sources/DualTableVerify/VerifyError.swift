internal import DualTableScan
internal import DynamoDBModel
internal import MigrationControl

/// Why a verification could not tell; never because of single items.
package struct VerifyError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// A table, its keys or the mapping don't fit together.
    case unsuitable
    /// The service refuses, or can't be reached.
    case service
    /// The state directory can't be used.
    case state
    /// The migration isn't in a phase in which this may be done, or nobody knows.
    case phase
  }

  package let code: Code
  /// One sentence: cause and remedy, no item data.
  package let message: String
  package let cause: (any Error)?

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// Whatever ended a run, in one sentence.
  init(_ error: any Error) {
    switch error {
    case let error as VerifyError: self = error
    case let error as StateError: self.init(.state, "The verification stopped: \(error)", cause: error)
    case .wrongPhase(let phase) as ParticipantError:
      self.init(.phase, "The repair stopped: the migration has gone to \(phase), where nothing is put any more.")
    case is ParticipantError:
      self.init(
        .phase, "The repair stopped: the migration's phase is not known; see that the control table can be reached, and run it again.")
    case let error as DynamoDBModelError:
      self.init(.service, "The verification stopped: a page can't be read, \(error).", cause: error)
    default:
      self.init(.service, "The verification stopped; what was read is kept, run it again to go on: \(error).", cause: error)
    }
  }

  package var description: String { message }
}
