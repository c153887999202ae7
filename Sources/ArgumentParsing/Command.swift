/// A command of a tool, declared as a value: what it takes, what it says about itself, and the commands below it.
package struct Command: Sendable {
  /// A command line to copy, and what it does.
  package struct Example: Sendable {
    package let line: String
    package let says: String

    package init(_ line: String, _ says: String) {
      self.line = line
      self.says = says
    }
  }

  /// Options that the help lists under one heading.
  package struct OptionGroup: Sendable {
    package let title: String
    package let options: [Option]

    /// - Parameter title: in lower case, as in `table options`.
    package init(_ title: String, _ options: [Option]) {
      self.title = title
      self.options = options
    }
  }

  package let name: String
  /// What it does, in one sentence.
  package let abstract: String
  /// What else there is to know, in paragraphs; may be empty.
  package let discussion: String
  package let examples: [Example]
  package let groups: [OptionGroup]
  package let positionals: [Positional]
  package let subcommands: [Command]

  package init(
    _ name: String, _ abstract: String, discussion: String = "", examples: [Example], groups: [OptionGroup] = [],
    positionals: [Positional] = [], subcommands: [Command] = []
  ) {
    self.name = name
    self.abstract = abstract
    self.discussion = discussion
    self.examples = examples
    self.groups = groups
    self.positionals = positionals
    self.subcommands = subcommands
  }

  /// All options, in the order of the groups.
  package var options: [Option] { groups.flatMap(\.options) }
  /// The options that are shown.
  var shownOptions: [Option] { options.filter { !$0.isHidden } }

  /// The command that `path` names, from this one's subcommands down; this one where it is empty.
  package func command(at path: some Sequence<String>) -> Command? {
    var found = self
    for name in path {
      guard let next = found.subcommands.first(where: { $0.name == name }) else { return nil }
      found = next
    }
    return found
  }

  /// This command and all below it, each with the names that lead to it, this one's own first.
  package func tree(below path: [String] = []) -> [(path: [String], command: Command)] {
    let own = path + [name]
    return [(own, self)] + subcommands.flatMap { $0.tree(below: own) }
  }
}
