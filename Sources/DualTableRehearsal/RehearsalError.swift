/// Why a rehearsal could not go on.
package struct RehearsalError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// Items can't be made up, or can't be read.
    case items
    /// A phase that was to come never did, or a run beside the service ended early.
    case stuck
    /// A file can't be written.
    case file
  }

  package let code: Code
  /// One sentence with cause and remedy.
  package let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
