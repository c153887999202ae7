import ArgumentParsing
import Testing

@Suite struct HelpTests {
  @Test func `shows a tool`() {
    #expect(
      sampleTool.helpText(path: ["tool"]) == """
        OVERVIEW: Does this and that, for tests.

        USAGE: tool <subcommand>

        EXAMPLE:
          tool copy --from here --to there
              Copies what is here.

        OPTIONS:
          --version               Show the version.
          -h, --help              Show help information.

        SUBCOMMANDS:
          copy                    Copy what lies in one place to another place, however
                                  long the sentence that says so may be.
          remote                  Manage remotes.

        See 'tool help <subcommand>' for detailed help.
        """)
  }

  @Test func `shows a command`() {
    #expect(
      sampleTool.command(at: ["copy"])?.helpText(path: ["tool", "copy"]) == """
        OVERVIEW: Copy what lies in one place to another place, however long the
        sentence that says so may be.

        Nothing is overwritten.

        What is refused is listed at the end, one line each, so that the list can be
        read by a machine.

        USAGE: tool copy --from <place> --to <place> [<options>] [<name> ...]

        EXAMPLES:
          tool copy --from here --to there
              Copies everything.
          tool copy --from here --to there --color never one two
              Copies two names, in black and white.

        ARGUMENTS:
          <name>                  What to copy.

        PLACE OPTIONS:
          --from <place>          Where to read.
          --to <place>            Where to write.

        OTHER CHOICES:
          --color <when>          Whether to color what it's [printing]: yes or no.
                                  (values: always, never; default: never)
          --list <file>           A file of names.
          --a-very-long-option-name <number>
                                  Something with a name so long that its help goes
                                  below.
          --json                  Print JSON.

        OTHER OPTIONS:
          -h, --help              Show help information.
        """)
  }

  @Test func `shows a nested command`() {
    #expect(
      sampleTool.command(at: ["remote", "add"])?.helpText(path: ["tool", "remote", "add"]) == """
        OVERVIEW: Add a remote.

        USAGE: tool remote add <kind>

        EXAMPLE:
          tool remote add fast
              Adds the fast one.

        ARGUMENTS:
          <kind>                  Which kind. (values: fast, slow)

        OPTIONS:
          -h, --help              Show help information.
        """)
  }

  @Test func `no line is longer than a terminal`() {
    for (path, command) in sampleTool.tree() {
      for line in command.helpText(path: path).split(separator: "\n") { #expect(line.count <= 80) }
    }
  }
}
