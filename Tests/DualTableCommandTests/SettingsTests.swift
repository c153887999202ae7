import ArgumentParsing
import Synchronization
import Testing

@testable import DualTableCommand

@Suite struct SettingsTests {
  static let segments = Setting.number("segments", "How many.", in: 1...1_000_000)
  static let limit = Setting.duration("time-limit", "How long.")
  static let dryRun = Setting.flag("dry-run", "Nothing.")
  static let level = SharedSettings.logLevel

  /// A command that prints what it finds.
  static let command = ToolCommand(
    name: "show", abstract: "Shows.", examples: [],
    groups: [
      SharedSettings.tables, SharedSettings.places, SharedSettings.output,
      SettingGroup("others", [segments.declaration, limit.declaration, dryRun.declaration]),
    ]
  ) { context in
    let settings = context.settings
    let values: [String] = [
      "\(try settings.value(segments) ?? 0)", "\(try settings.value(limit) ?? .zero)", "\(try settings.isOn(dryRun))",
      try settings.value(SharedSettings.oldEndpoint, SharedSettings.endpoint) ?? "-",
      try settings.value(SharedSettings.newEndpoint, SharedSettings.endpoint) ?? "-",
    ]
    context.terminal.result(values.joined(separator: " "))
    return .done
  }

  static func run(_ line: String, _ environment: [String: String] = [:], file: String? = nil) async -> ToolRun {
    await ToolRun.run(line, environment: environment, files: file.map { ["dualtable.yaml": $0] } ?? [:], commands: [command])
  }

  @Test func `flags beat the environment, which beats the file`() async {
    let file = "segments: 3\ntime-limit: 3s\ndry-run: true\nendpoint-url: http://file\n"
    #expect(await Self.run("show").output == "0 0.0 seconds false - -\n")
    #expect(await Self.run("show", file: file).output == "3 3.0 seconds true http://file http://file\n")
    let environment = [
      "DUALTABLE_SEGMENTS": "2", "DUALTABLE_DRY_RUN": "false", "DUALTABLE_TIME_LIMIT": "", "AWS_ENDPOINT_URL": "http://aws",
    ]
    #expect(await Self.run("show", environment, file: file).output == "2 3.0 seconds false http://aws http://aws\n")
    let line = "show --segments 1 --dry-run --new-endpoint-url http://flag"
    #expect(await Self.run(line, environment, file: file).output == "1 3.0 seconds true http://aws http://flag\n")
  }

  @Test func `the nearer place wins over the finer name`() async {
    let environment = ["DUALTABLE_OLD_ENDPOINT_URL": "http://variable"]
    #expect(await Self.run("show --endpoint-url http://flag", environment).output == "0 0.0 seconds false http://flag http://flag\n")
    let file = "endpoint-url: http://file\nnew-endpoint-url: http://new\n"
    #expect(await Self.run("show", environment, file: file).output == "0 0.0 seconds false http://variable http://new\n")
  }

  @Test func `AWS's endpoint variables can be switched off as AWS does`() async {
    var environment = ["AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_DYNAMODB": "http://one"]
    #expect(await Self.run("show", environment).output == "0 0.0 seconds false http://one http://one\n")
    environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
    #expect(await Self.run("show", environment).output == "0 0.0 seconds false - -\n")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let line: String
    var environment: [String: String] = [:]
    var file: String?
    let error: String
    var testDescription: String { error }
  }

  static let refusals = [
    Refusal(line: "show --segments 0", error: "'0' isn't a value of --segments; give a whole number from 1 to 1,000,000."),
    Refusal(line: "show --segments=-3", error: "'-3' isn't a value of --segments; give a whole number from 1 to 1,000,000."),
    Refusal(line: "show --segments +3", error: "'+3' isn't a value of --segments; give a whole number from 1 to 1,000,000."),
    Refusal(
      line: "show", environment: ["DUALTABLE_SEGMENTS": "many"],
      error: "'many' isn't a value of segments (from DUALTABLE_SEGMENTS); give a whole number from 1 to 1,000,000."),
    Refusal(
      line: "show", file: "\n\ntime-limit: soon",
      error: "'soon' isn't a value of time-limit (from dualtable.yaml, line 3); give a time as in 90s, 14m or 1h30m."),
    Refusal(line: "show --time-limit 0s", error: "'0s' isn't a value of --time-limit; give a time as in 90s, 14m or 1h30m."),
    Refusal(
      line: "show", environment: ["DUALTABLE_LOG_LEVEL": "inf"],
      error: "'inf' isn't a value of log-level (from DUALTABLE_LOG_LEVEL); give one of error, warning, info, debug (did you mean 'info'?)."),
    Refusal(line: "show", file: "dry-run: yes", error: "'yes' isn't a value of dry-run (from dualtable.yaml, line 1); give true or false."),
    Refusal(line: "show", file: "segmnts: 3", error: "'segmnts' (dualtable.yaml, line 1) isn't a setting; did you mean 'segments'?"),
    Refusal(line: "show", file: "zzzz: 3", error: "'zzzz' (dualtable.yaml, line 1) isn't a setting; take it out."),
    Refusal(line: "show", file: "segments:", error: "'segments' (dualtable.yaml, line 1) has no value; give one, or take it out."),
    Refusal(line: "show", file: "segments: [1]", error: "dualtable.yaml:1:11: error [bad-value]: a setting is one value, not a list"),
    Refusal(line: "shw", error: "Unknown command 'shw'; did you mean 'show'? See 'dualtable --help'."),
    Refusal(line: "show --segmetns 2", error: "Unknown option '--segmetns'; did you mean '--segments'? See 'dualtable show --help'."),
  ]

  @Test(arguments: refusals) func `refuses what can't be, in one sentence`(_ refusal: Refusal) async {
    let run = await Self.run(refusal.line, refusal.environment, file: refusal.file)
    #expect(run.status == .failed)
    #expect(run.output == "")
    #expect(run.error == "Error: \(refusal.error)\n")
  }

  @Test func `a missing setting says where it can be set`() async throws {
    let settings = Settings(
      invocation: try #require(try Self.invocation("show")), environment: [:], file: [], fileName: "dualtable.yaml")
    let error = try #require(throws: CommandError.self) { try settings.required(SharedSettings.old) }
    #expect(error.description == "Missing '--old <table>'; give it, or set DUALTABLE_OLD or 'old' in dualtable.yaml.")
  }

  static func invocation(_ line: String) throws -> Invocation? {
    let tool = Command("dualtable", "", examples: [], subcommands: [command.declaration])
    guard case .run(let invocation) = try tool.parse(line.split(separator: " ").map { String($0) }) else { return nil }
    return invocation
  }

  @Test func `a slip in a variable's name is told`() async {
    let run = await Self.run("show", ["DUALTABLE_SEGMNTS": "1", "DUALTABLE_TEST_PYTHON": "x", "DUALTABLE_SOMETHING_ELSE": "x"])
    #expect(run.status == .done)
    #expect(run.error == "Warning: DUALTABLE_SEGMNTS is set but isn't a setting; did you mean DUALTABLE_SEGMENTS?\n")
  }

  @Test func `shows every setting with its origin and no secret`() async {
    let environment = [
      "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_REGION": "eu-central-1",
      "DUALTABLE_OLD_ENDPOINT_URL": "http://me:hunter2@host",
    ]
    let run = await Self.run("show --print-config --old users", environment, file: "new: users-v2\n")
    #expect(
      run.output == """
        old = users                              (--old)
        new = users-v2                           (dualtable.yaml, line 1)
        mapping                                  (not set)
        endpoint-url = AWS's own                 (default)
        old-endpoint-url = http://(hidden)@host  (DUALTABLE_OLD_ENDPOINT_URL)
        new-endpoint-url                         (not set)
        region = eu-central-1                    (AWS_REGION)
        old-region                               (not set)
        new-region                               (not set)
        profile                                  (not set)
        old-profile                              (not set)
        new-profile                              (not set)
        json = false                             (default)
        log-level = info                         (default)
        log-format = text                        (default)
        print-config = true                      (--print-config)
        segments                                 (not set)
        time-limit                               (not set)
        dry-run = false                          (default)
        AWS_ACCESS_KEY_ID = AKIDEXAMPLE          (environment)
        AWS_SECRET_ACCESS_KEY = (hidden)         (environment)
        AWS_SESSION_TOKEN                        (not set)
        AWS_CA_BUNDLE                            (not set)

        """)
    #expect(run.status == .done)
    let json = await Self.run("show --print-config --json --old users", environment)
    #expect(json.output.hasPrefix(#"{"old":{"value":"users","origin":"--old"},"new":{"value":null,"origin":"not set"},"#))
    #expect(!json.output.contains("hunter2"))
  }
}
