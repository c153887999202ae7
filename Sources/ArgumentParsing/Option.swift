/// What a value may be: for checking it, and for completing it in a shell.
package enum ValueKind: Sendable {
  case text
  case file
  case directory
  case oneOf([String])

  /// The values there are, where they can be listed.
  package var choices: [String]? {
    if case .oneOf(let choices) = self { choices } else { nil }
  }
}

/// `--name value`, or `--name` alone.
package struct Option: Sendable {
  /// Without the dashes.
  package let name: String
  /// Stands for the value in help, as in `table`; nil for an option without a value.
  package let placeholder: String?
  package let kind: ValueKind
  package let help: String
  /// What holds without it, for the help; nil where there is nothing to say.
  package let defaultText: String?
  /// Shown without brackets in the usage line. Whether it is there is checked by whoever knows the other places it may come from.
  package let isRequired: Bool
  /// May be given more than once.
  package let isRepeatable: Bool
  /// Read, but neither in the help nor completed: for what is only there to be refused with a reason.
  package let isHidden: Bool

  /// Makes an option with a value.
  package init(
    _ name: String, _ placeholder: String, _ help: String, _ kind: ValueKind = .text, default defaultText: String? = nil,
    isRequired: Bool = false, isRepeatable: Bool = false, isHidden: Bool = false
  ) {
    self.name = name
    self.placeholder = placeholder
    self.kind = kind
    self.help = help
    self.defaultText = defaultText
    self.isRequired = isRequired
    self.isRepeatable = isRepeatable
    self.isHidden = isHidden
  }

  /// Makes an option without a value.
  package init(flag name: String, _ help: String) {
    self.name = name
    placeholder = nil
    kind = .text
    self.help = help
    defaultText = nil
    isRequired = false
    isRepeatable = false
    isHidden = false
  }

  /// `--name <placeholder>`, as help and errors show it.
  package var synopsis: String { placeholder.map { "--\(name) <\($0)>" } ?? "--\(name)" }
}

/// An argument known by its place.
package struct Positional: Sendable {
  package let name: String
  package let kind: ValueKind
  package let help: String
  package let isOptional: Bool
  /// The last one only: takes all that is left.
  package let isRepeatable: Bool

  package init(_ name: String, _ help: String, _ kind: ValueKind = .text, isOptional: Bool = false, isRepeatable: Bool = false) {
    self.name = name
    self.kind = kind
    self.help = help
    self.isOptional = isOptional
    self.isRepeatable = isRepeatable
  }

  /// `<name>`, with what may be left out or repeated marked.
  package var synopsis: String {
    let shown = isRepeatable ? "<\(name)> ..." : "<\(name)>"
    return isOptional ? "[\(shown)]" : shown
  }
}
