/// Why a run's state can't be read or written; one sentence with the remedy, and never a part of an item.
package struct StateError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it is.
  package enum Code: String, Sendable, CaseIterable {
    /// Another process works in the directory.
    case locked
    /// The directory belongs to a run over other tables, with another mapping or of another version.
    case mismatch
    /// A file doesn't hold what this kit wrote there.
    case damaged
    /// An operator stopped the run for all its workers.
    case stopped
    /// The file system refused.
    case file
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
