import ArgumentParsing
import Glibc
import TestSupport
import Testing

@testable import DualTableCommand

/// The article on the commands is made of their declarations, so that it can't say otherwise. `DUALTABLE_WRITE_ARTICLE=1` writes it anew.
@Suite struct CommandArticleTests {
  @Test("Every command has its place in the article, with its settings, examples and exit statuses as the help has them")
  func articleIsCurrent() throws {
    let made = CommandArticle.text
    let path = "\(Article.catalog)/Commands.md"
    if unsafe getenv("DUALTABLE_WRITE_ARTICLE") != nil { try TemporaryDirectory.write(Array(made.utf8), at: path) }
    let found = String(decoding: try TemporaryDirectory.bytes(at: path), as: UTF8.self)
    #expect(made.contains("\n### cutover\n") && made.contains("\n### cutover check\n") && !made.contains("\n### phase\n"))
    #expect(found == made, "run this test with DUALTABLE_WRITE_ARTICLE=1 and look at the change")
  }
}

enum CommandArticle {
  static var text: String {
    let commands = ToolCommand.all(tool: "dualtable").map(\.declaration)
    var parts = [
      """
      # The commands

      Everything that `dualtable` does, with every setting, as `--help` says it.

      ## Overview

      Settings come from flags, then from environment variables (`DUALTABLE_` and the flag's name in capitals, and AWS's own), then from
      `dualtable.yaml` in the current directory; `--print-config` shows each with its origin. `--json` prints results for machines. Exit
      statuses are 0 done and clean, 1 done with findings, 2 could not, 3 stopped at a limit, 130 interrupted; <doc:Runbook> says what to do
      about each.
      """
    ]
    for command in commands {
      // One that has others and no settings does nothing itself.
      parts += command.tree(below: ["dualtable"]).filter { $0.command.subcommands.isEmpty || !$0.command.groups.isEmpty }
        .map { section($0.path, $0.command) }
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static func section(_ path: [String], _ command: Command) -> String {
    let line = path.joined(separator: " ") + command.positionals.map { " \($0.synopsis)" }.joined()
    var parts = ["### \(path.dropFirst().joined(separator: " "))", escaped(command.abstract)]
    parts += command.discussion.split(separator: "\n").map { escaped(String($0)) }
    parts.append("    \(line) [options]")
    parts += command.examples.map { "\(escaped($0.says))\n\n    \($0.line)" }
    for group in command.groups where !group.options.filter({ !$0.isHidden }).isEmpty {
      let rows = group.options.filter { !$0.isHidden }.map { "| `\($0.synopsis)` | \(escaped(help(of: $0))) |" }
      parts.append(["| \(group.title) | |", "| --- | --- |"].joined(separator: "\n") + "\n" + rows.joined(separator: "\n"))
    }
    let positionals = command.positionals.map { "| `\($0.synopsis)` | \(escaped($0.help)) |" }
    if !positionals.isEmpty { parts.append("| argument | |\n| --- | --- |\n" + positionals.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n")
  }

  private static func help(of option: Option) -> String {
    var text = option.help
    if let choices = option.kind.choices { text += " One of \(choices.joined(separator: ", "))." }
    if let value = option.defaultText { text += " Default: \(value)." }
    return text
  }

  /// Nothing of a text is markup.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      if "\\`*_{}[]<>#|".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
    return escaped
  }
}
