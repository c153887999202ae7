import DualTableRehearsal
import Testing

@testable import DualTableCommand

/// The command lines of pages that no test types out: each command, flag and value is one that the tool takes. `RunbookTests` runs the others.
@Suite struct CommandLineTests {
  static let articles = ["Deployment", "ManyMachines", "Rehearsal", "Verification"]

  /// What follows `dualtable` on each line, without what a shell does with it; lines that leave something out aren't commands.
  static func lines(_ article: String) throws -> [String] {
    try Article(article).blocks.flatMap { $0.commands }.compactMap { line in
      guard line.hasPrefix("dualtable "), !line.contains("…") else { return nil }
      return String(line.dropFirst(10).prefix { !"|>&".contains($0) })
    }
  }

  @Test(arguments: articles) func `each command line of the book is one`(_ article: String) async throws {
    let lines = try Self.lines(article)
    #expect(!lines.isEmpty)
    for line in lines {
      let run = await ToolRun.run("\(line) --print-config", files: ["users.yaml": BuiltInMapping.users])
      #expect(run.status == .done, "\(line): \(run.error)")
    }
  }

  @Test func `a command line that isn't one is seen`() async {
    #expect(await ToolRun.run("rehearse --scenario sideways --print-config").status == .failed)
    #expect(await ToolRun.run("rehearse --fault heavy --print-config").status == .failed)
  }

  @Test func `the history in the book is one`() throws {
    let block = try #require(try Article("Rehearsal").blocks.first { $0.lines.first?.hasPrefix("{") == true })
    let history = try History(lines: block.lines.joined(separator: "\n"))
    #expect(history.events.count == block.lines.count && history.events.map(\.line) == block.lines)
  }
}
