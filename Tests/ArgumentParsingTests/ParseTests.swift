import ArgumentParsing
import Testing

@Suite struct ParseTests {
  struct Good: Sendable, CustomTestStringConvertible {
    let line: String
    var path = ["copy"]
    var values: [String: [String]] = [:]
    var flags: [String] = []
    var positionals: [String] = []
    var testDescription: String { line }
  }

  static let good = [
    Good(line: "copy"),
    Good(line: "copy --from a --to=b", values: ["from": ["a"], "to": ["b"]]),
    Good(line: "copy --from=a=b --to=", values: ["from": ["a=b"], "to": [""]]),
    Good(line: "copy --from=-1 --to -", values: ["from": ["-1"], "to": ["-"]]),
    Good(line: "copy one --json two", flags: ["json"], positionals: ["one", "two"]),
    Good(line: "copy -- --json -h", positionals: ["--json", "-h"]),
    Good(line: "copy --list a --list=b", values: ["list": ["a", "b"]]),
    Good(line: "copy --color always - copy", values: ["color": ["always"]], positionals: ["-", "copy"]),
    Good(line: "copy --profile x", values: ["profile": ["x"]]),
    Good(line: "remote add fast", path: ["remote", "add"], positionals: ["fast"]),
  ]

  @Test(arguments: good) func `reads what is declared`(_ good: Good) throws {
    guard case .run(let invocation) = try sampleTool.parse(good.line.split(separator: " ").map { String($0) }) else {
      Issue.record("not a command to run")
      return
    }
    #expect(invocation.path == good.path)
    #expect(invocation.positionals == good.positionals)
    for option in sampleTool.command(at: good.path)?.options ?? [] {
      let values = good.values[option.name] ?? []
      #expect(invocation.values(of: option.name) == values)
      #expect(invocation.value(of: option.name) == values.first)
      #expect(invocation.has(option.name) == (!values.isEmpty || good.flags.contains(option.name)))
    }
  }

  static let bad: [(line: String, error: String)] = [
    ("cpy", "Unknown command 'cpy'; did you mean 'copy'? See 'tool --help'."),
    ("frobnicate", "Unknown command 'frobnicate'; there are copy and remote. See 'tool --help'."),
    ("--jsn copy", "Unknown option '--jsn'; leave it out. See 'tool --help'."),
    ("--versoin", "Unknown option '--versoin'; did you mean '--version'? See 'tool --help'."),
    ("remote ad", "Unknown command 'ad'; did you mean 'add'? See 'tool remote --help'."),
    ("help cop", "Unknown command 'cop'; did you mean 'copy'? See 'tool --help'."),
    ("help copy x", "Unknown command 'x'; 'tool copy' has none below it. See 'tool copy --help'."),
    ("copy --form a", "Unknown option '--form'; did you mean '--from'? See 'tool copy --help'."),
    ("copy --a-very", "Unknown option '--a-very'; did you mean '--a-very-long-option-name'? See 'tool copy --help'."),
    ("copy -json", "Unknown option '-json'; did you mean '--json'? See 'tool copy --help'."),
    ("copy --zzzzzz=1", "Unknown option '--zzzzzz'; leave it out. See 'tool copy --help'."),
    ("copy --from", "Missing value for '--from <place>'; put one behind it. See 'tool copy --help'."),
    ("copy --from --", "Missing value for '--from <place>'; put one behind it. See 'tool copy --help'."),
    (
      "copy --from --to b",
      "Missing value for '--from <place>'; put one behind it, or write '--from=--to' if that is it. See 'tool copy --help'."
    ),
    ("copy --json=yes", "'--json' takes no value; give it alone. See 'tool copy --help'."),
    ("copy --json --json", "'--json' is given more than once; give it once. See 'tool copy --help'."),
    ("copy --to a --to=a", "'--to' is given more than once; give it once. See 'tool copy --help'."),
    ("copy --color nevr", "'nevr' isn't a value of '--color <when>'; did you mean 'never'? See 'tool copy --help'."),
    ("copy --color=blue", "'blue' isn't a value of '--color <when>'; it is one of always and never. See 'tool copy --help'."),
    ("remote add", "Missing argument '<kind>'; it is one of fast and slow. See 'tool remote add --help'."),
    ("remote add fats", "'fats' isn't a value of '<kind>'; did you mean 'fast'? See 'tool remote add --help'."),
    (
      "remote add fast slow",
      "Unexpected argument 'slow'; leave it out, or put the option that it belongs to before it. See 'tool remote add --help'."
    ),
  ]

  @Test(arguments: bad) func `says what is wrong and what is near`(_ line: String, _ error: String) throws {
    let thrown = try #require(throws: UsageError.self) { try sampleTool.parse(line.split(separator: " ").map { String($0) }) }
    #expect(thrown.description == error)
  }

  @Test(arguments: [
    ("", "tool"), ("--help", "tool"), ("-h", "tool"), ("help", "tool"), ("remote", "tool remote"), ("help remote add", "tool remote add"),
    ("remote add --help", "tool remote add"), ("copy --nonsense -h", "tool copy"), ("remote --help", "tool remote"),
  ]) func `asks for help`(_ line: String, _ path: String) throws {
    let words = path.split(separator: " ").map { String($0) }
    guard case .help(let text) = try sampleTool.parse(line.split(separator: " ").map { String($0) }) else {
      Issue.record("no help")
      return
    }
    #expect(text == sampleTool.command(at: words.dropFirst())?.helpText(path: words))
  }

  @Test func `asks for the version`() throws {
    guard case .version = try sampleTool.parse(["--version"]) else {
      Issue.record("no version")
      return
    }
  }

  static let neighbors: [(name: String, nearest: String?)] = [
    ("copy", "copy"), ("coyp", "copy"), ("cpoy", "copy"), ("opy", "copy"), ("coppy", "copy"), ("c", nil), ("co", "copy"), ("dcpyx", nil),
    ("segmnts", "segments"), ("open-segment", "open-segments"), ("", nil), ("sgmentes", "segments"),
  ]

  @Test(arguments: neighbors) func `finds the nearest name`(_ name: String, _ nearest: String?) {
    #expect(nearestName(to: name, in: ["copy", "segments", "open-segments"]) == nearest)
  }
}
