/// Why a backfill could not begin or go on; single items never are a reason.
package struct BackfillError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// A table, its keys or the mapping don't fit together, or an argument is out of range.
    case unsuitable
    /// The migration is in a phase that has no such run.
    case wrongPhase
    /// The service refuses, or can't be reached.
    case service
    /// The state directory can't be used.
    case state
    /// The counts of a finished run don't add up: a defect of the kit.
    case miscounted
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

  package var description: String { message }
}
