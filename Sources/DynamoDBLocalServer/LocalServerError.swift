/// Why a server can't listen.
package struct LocalServerError: Error, Sendable, CustomStringConvertible {
  /// One sentence with cause and remedy.
  package let description: String
}
