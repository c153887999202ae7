/// Why a command can't go on; ends the tool with status 2.
struct CommandError: Error, Sendable, CustomStringConvertible {
  /// One sentence with cause and remedy; never a part of an item, never a secret.
  let description: String

  init(_ description: String) { self.description = description }
}
