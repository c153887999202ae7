/// Why a command line can't be run.
package struct UsageError: Error, Sendable, CustomStringConvertible {
  /// One sentence with cause and, where one is near, remedy.
  package let message: String
  /// The names that lead to the command whose help would help.
  package let path: [String]

  package init(_ message: String, path: [String]) {
    self.message = message
    self.path = path
  }

  package var description: String { "\(message) See '\(path.joined(separator: " ")) --help'." }
}
