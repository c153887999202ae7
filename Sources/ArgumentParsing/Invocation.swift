/// What a command line asks for.
package enum ParsedCommandLine: Sendable {
  case run(Invocation)
  /// `--help`, `help`, or a command that only holds others.
  case help(text: String)
  case version
}

/// A command to run, with what was given to it, as text.
package struct Invocation: Sendable {
  /// The names that lead to the command, without the tool's own.
  package let path: [String]
  package internal(set) var positionals: [String] = []
  var given: [(name: String, value: String?)] = []

  init(path: [String]) { self.path = path }

  /// True if the option was given, with or without a value.
  package func has(_ name: String) -> Bool { given.contains { $0.name == name } }

  /// The value of an option that is given at most once; nil if it wasn't.
  package func value(of name: String) -> String? { given.first { $0.name == name }?.value }

  /// Every value of a repeatable option, in the order given.
  package func values(of name: String) -> [String] { given.compactMap { $0.name == name ? $0.value : nil } }
}
