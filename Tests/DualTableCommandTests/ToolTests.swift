import AWSAuth
import ArgumentParsing
import Synchronization
import Testing

@testable import DualTableCommand

@Suite struct ToolTests {
  @Test func `prints its version`() async {
    let run = await ToolRun.run("--version")
    #expect(run.output == "dualtable \(kitVersion)\n")
    #expect(run.status == .done)
  }

  @Test(arguments: Shell.allCases) func `prints completions`(_ shell: Shell) async {
    let run = await ToolRun.run("completions \(shell.rawValue)")
    let tool = await ToolRun.run("--help")
    #expect(run.status == .done)
    #expect(run.output.contains("completions"))
    #expect(run.output.hasSuffix("\n") && !run.output.hasSuffix("\n\n"))
    #expect(tool.output.contains("completions"))
  }

  /// Help must work as printed: every example of every command is read back.
  @Test func `every example parses`() throws {
    let tool = Tool(
      name: "dualtable", commands: ToolCommand.all(tool: "dualtable"), surroundings: .unused,
      terminal: Terminal(sinks: .none, isLive: false)
    ).declaration
    for (path, command) in tool.tree() {
      #expect(!command.examples.isEmpty, "\(path) has no example")
      for example in command.examples {
        guard let words = Self.toolWords(example.line) else {
          Issue.record("no command in '\(example.line)'")
          continue
        }
        if case .run = try tool.parse(words) { continue }
        Issue.record("'\(example.line)' runs nothing")
      }
    }
  }

  /// The words behind `dualtable`, up to a redirection.
  static func toolWords(_ line: String) -> [String]? {
    let words = line.split { $0 == " " || $0 == "(" || $0 == ")" }.map { String($0) }
    guard let start = words.firstIndex(of: "dualtable") else { return nil }
    return Array(words[(start + 1)...].prefix { !$0.hasPrefix(">") && !$0.hasPrefix("|") && !$0.hasPrefix("<") })
  }

  @Test func `no option is declared twice`() {
    for command in ToolCommand.all(tool: "dualtable").flatMap(\.tree) {
      let names = command.settings.map(\.name)
      #expect(Set(names).count == names.count, "\(command.name)")
    }
  }

  @Test func `an error as JSON is one line`() async {
    let failing = ToolCommand(name: "fail", abstract: "Fails.", examples: [], groups: [SharedSettings.output]) { context in
      context.log.info("a \"message\"", [("segment", "3")])
      context.log.debug("not shown")
      throw CommandError("It is so.")
    }
    let run = await ToolRun.run("fail --log-format json", commands: [failing])
    #expect(
      run.error == """
        {"time":"2026-11-21T09:00:00Z","level":"info","message":"a \\"message\\"","segment":"3"}
        {"time":"2026-11-21T09:00:00Z","level":"error","message":"It is so."}

        """)
    #expect(run.status == .failed)
    #expect(await ToolRun.run("fail --log-level error", commands: [failing]).error == "Error: It is so.\n")
  }
}
