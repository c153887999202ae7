import ArgumentParsing

/// A tool with one of everything.
let sampleTool = Command(
  "tool", "Does this and that, for tests.", examples: [.init("tool copy --from here --to there", "Copies what is here.")],
  subcommands: [
    Command(
      "copy", "Copy what lies in one place to another place, however long the sentence that says so may be.",
      discussion:
        "Nothing is overwritten.\nWhat is refused is listed at the end, one line each, so that the list can be read by a machine.",
      examples: [
        .init("tool copy --from here --to there", "Copies everything."),
        .init("tool copy --from here --to there --color never one two", "Copies two names, in black and white."),
      ],
      groups: [
        .init(
          "place options",
          [
            Option("from", "place", "Where to read.", .directory, isRequired: true),
            Option("to", "place", "Where to write.", .directory, isRequired: true),
          ]),
        .init(
          "other choices",
          [
            Option("color", "when", "Whether to color what it's [printing]: yes or no.", .oneOf(["always", "never"]), default: "never"),
            Option("list", "file", "A file of names.", .file, isRepeatable: true),
            Option("a-very-long-option-name", "number", "Something with a name so long that its help goes below."),
            Option(flag: "json", "Print JSON."),
            Option("profile", "name", "Refused.", isHidden: true),
          ]),
      ],
      positionals: [Positional("name", "What to copy.", isOptional: true, isRepeatable: true)]),
    Command(
      "remote", "Manage remotes.", examples: [],
      subcommands: [
        Command(
          "add", "Add a remote.", examples: [.init("tool remote add fast", "Adds the fast one.")],
          positionals: [Positional("kind", "Which kind.", .oneOf(["fast", "slow"]))])
      ]),
  ])
