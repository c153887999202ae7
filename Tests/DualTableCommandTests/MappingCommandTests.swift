import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import Testing

@testable import DualTableCommand

@Suite struct MappingCommandTests {
  /// Three mistakes, not in the order in which a compiler would meet them.
  static let wrong = """
    version: 2
    old: {hash: {id: S}}
    new: {hash: {id: S}}
    key: {id: id}
    attributes:
      age: {form: profile.age}
    rest: keeep
    """
  static let files = ["users.yaml": BuiltInMapping.users, "wrong.yaml": wrong]
  static let item = #"{"id":{"S":"u-1"},"profile":{"M":{"email":{"S":"a@b.c"},"age":{"S":"31"},"tags":{"SS":["b","a"]}}}}"#

  static func run(_ line: String, _ input: String = "") async -> ToolRun {
    await ToolRun.run("mapping \(line)", files: files, input: input)
  }

  @Test func `check shows every finding in file order`() async {
    let run = await Self.run("check wrong.yaml")
    #expect(
      run.output == """
        wrong.yaml:1:10: error [bad-value]: `version` is 1
        wrong.yaml:6:9: error [unknown-key]: a rule has no `form`; did you mean `from`?
        wrong.yaml:7:7: error [bad-value]: `rest` can't be `keeep`; did you mean `keep`?

        """)
    #expect(run.error == "")
    #expect(run.status == .findings)
  }

  @Test func `check as JSON`() async throws {
    let wrong = await Self.run("check wrong.yaml --json")
    #expect(wrong.status == .findings)
    let json = try JSONValue(parsing: wrong.output.utf8.span)
    #expect(json["file"]?.string == "wrong.yaml" && json["digest"] == .null)
    let findings = try #require(json["findings"]?.array)
    #expect(findings.map { $0["line"]?.integer } == [1, 6, 7])
    #expect(findings.map { $0["column"]?.integer } == [10, 9, 7])
    #expect(findings.map { $0["code"]?.string } == ["bad-value", "unknown-key", "bad-value"])
    #expect(findings.allSatisfy { $0["severity"]?.string == "error" })
    #expect(findings.first?["sentence"]?.string == "`version` is 1")
    let right = await Self.run("check users.yaml --json")
    #expect(try JSONValue(parsing: right.output.utf8.span)["findings"] == .array([]))
    #expect(right.status == .done)
  }

  @Test func `check shows the digest of a file in order`() async throws {
    let run = await Self.run("check users.yaml")
    let digest = try CompiledMapping(yaml: Array(BuiltInMapping.users.utf8), file: "").digest
    #expect(run.output == "users.yaml: digest \(digest)\n")
    #expect(run.status == .done)
  }

  @Test(arguments: ["check", "apply"]) func `a file that isn't there`(_ command: String) async {
    let run = await Self.run("\(command) none.yaml", Self.item)
    #expect(run.error == "Error: There is no mapping file none.yaml; check its name.\n")
    #expect(run.output == "")
    #expect(run.status == .failed)
    #expect(await Self.run(command).error.hasPrefix("Error: Missing argument '<file>'; add it."))
  }

  @Test func `apply converts each line`() async {
    let run = await Self.run("apply users.yaml", "\(Self.item)\n\n\(Self.item.replacing("u-1", with: "u-2"))")
    let result = """
      {"age":{"N":"31"},"email":{"S":"a@b.c"},"id":{"S":"u-1"},"profile":{"M":{"tags":{"SS":["b","a"]}}},"schema":{"N":"2"}}
      """
    #expect(Self.lines(run.output) == [Self.sorted(result), Self.sorted(result.replacing("u-1", with: "u-2"))])
    #expect(run.error == "")
    #expect(run.status == .done)
  }

  @Test func `apply tells what can't be converted without its data, and goes on`() async {
    let secret = #"{"id":{"S":"u-9"},"profile":{"M":{"age":{"S":"hunter2"}}}}"#
    let run = await Self.run("apply users.yaml", "\(secret)\n{\"id\":{\"S\":\"hunter2\"\n\(Self.item)\n{\"hunter2\":{\"S\":\"x\"}}")
    #expect(Self.lines(run.output).count == 1)
    #expect(run.status == .findings)
    let errors = run.error.split(separator: "\n")
    #expect(errors.count == 3)
    #expect(
      errors.first
        == "Error: Line 1: invalidValue, rule `age`, path `profile.age`, found S: the value is not what the rule says it is, or out of range"
    )
    #expect(errors.dropFirst().first?.hasPrefix("Error: Line 2: truncated at byte 20: ") == true)
    #expect(errors.last?.hasPrefix("Error: Line 4: ") == true)
    #expect(!errors.prefix(2).joined().contains("hunter2"))
  }

  @Test func `apply to plain JSON`() async {
    let run = await Self.run(
      "apply users.yaml --plain",
      #"{"id":"u-1","profile":{"age":"31"},"n":12345678901234567890.10,"l":[null,true]}"# + "\n[1]\n{\"id\":\"u-2\",\"\":1}\r\n")
    #expect(Self.lines(run.output) == [Self.sorted(#"{"age":31,"id":"u-1","l":[null,true],"n":12345678901234567890.1,"schema":2}"#)])
    #expect(
      run.error == """
        Error: Line 2: invalidItem: an item is a JSON object of values that DynamoDB takes
        Error: Line 3: invalidItem: an item is a JSON object of values that DynamoDB takes

        """)
    #expect(run.status == .findings)
  }

  @Test func `plain JSON has lists for sets and base64 for binaries`() throws {
    let item = try Item(wire: #"{"s":{"SS":["b","a"]},"n":{"NS":["2","1.0"]},"b":{"B":"/w=="},"bs":{"BS":["/w==","AA=="]}}"#.utf8.span)
    #expect(Self.sorted(item.plainJSON) == Self.sorted(#"{"s":["a","b"],"n":[1,2],"b":"/w==","bs":["AA==","/w=="]}"#))
    let deep = String(repeating: #"{"a":"#, count: 40) + "1" + String(repeating: "}", count: 40)
    #expect(throws: DynamoDBModelError.self) { try Item(plainJSON: deep.utf8.span) }
  }

  @Test func `invert prints the inverse`() async throws {
    let run = await Self.run("invert users.yaml")
    let mapping = try CompiledMapping(yaml: Array(BuiltInMapping.users.utf8), file: "users.yaml")
    #expect(try run.output == mapping.inverse())
    #expect(run.output.contains("profile.age: {from: age, was: number, type: string}"))
    #expect(run.error == "" && run.status == .done)
  }

  @Test func `invert tells why there is no inverse`() async {
    let lossy = BuiltInMapping.users.replacing("type: number", with: "type: number, lossy: true").replacing(
      "rest: keep", with: "rest: drop")
    let run = await ToolRun.run("mapping invert lossy.yaml", files: ["lossy.yaml": lossy])
    #expect(run.output == "")
    #expect(run.error.split(separator: "\n").count == 2)
    #expect(run.error.hasPrefix("Error: lossy.yaml:"))
    #expect(run.error.contains("error [not-invertible]: there is no inverse: what is `lossy` doesn't come back"))
    #expect(run.status == .findings)
    let check = await ToolRun.run("mapping check lossy.yaml", files: ["lossy.yaml": lossy])
    #expect(check.output.contains("warning [not-invertible]: there is no inverse: what `rest: drop` leaves out doesn't come back"))
    #expect(check.status == .done)
    #expect(await Self.run("invert wrong.yaml").status == .failed)
  }

  // MARK: diff

  /// A table `users` of three items: one that is converted, one of the newest format's, one that can't be.
  static func place() async throws -> CommandPlace {
    let place = CommandPlace()
    let client = try place.client
    _ = try await client.createTable(CreateTableInput(tableName: "users", keys: KeySchema(hash: .init("id", .string))))
    let items: [Item] = [
      ["id": "u-1", "profile": ["email": "a@b.c", "age": "31", "tags": .stringSet(["a"])], "list": [1, ["x": "y"]]],
      ["id": "u-2"], ["id": "u-3", "profile": ["age": "hunter2"]],
    ]
    for item in items { _ = try await client.putItem(PutItemInput(tableName: "users", item: item)) }
    return place
  }

  @Test func `diff shows items before and after`() async throws {
    let run = try await Self.place().run("mapping diff users.yaml")
    for text in [
      #"- profile.email {"S":"a@b.c"}"#, #"+ email {"S":"a@b.c"}"#, #"- profile.age {"S":"31"}"#, #"+ age {"N":"31"}"#,
      #"+ schema {"N":"2"}"#,
      #": {"id":{"S":"u-2"}}"#, "  4 values unchanged", "! invalidValue, rule `age`, path `profile.age`, found S",
      "3 items: 2 converted, 0 skipped, 1 can't be converted",
    ] {
      #expect(run.output.contains("\(text)"), "\(text)")
    }
    #expect(!run.output.contains("list") && !run.output.contains("\u{1B}"))
    #expect(run.error.contains("invalidValue, rule `age`") && !run.error.contains("hunter2"))
    #expect(run.status == .findings)
  }

  @Test func `diff samples no more than is asked for`() async throws {
    let place = try await Self.place()
    let run = await place.run("mapping diff users.yaml --sample 2 --json")
    let json = try JSONValue(parsing: run.output.utf8.span)
    #expect(json["sampled"]?.integer == 2 && json["items"]?.array?.count == 2)
    #expect(await place.run("mapping diff users.yaml --sample 0").status == .failed)
  }

  @Test func `diff as JSON`() async throws {
    let run = try await Self.place().run("mapping diff users.yaml --json")
    let json = try JSONValue(parsing: run.output.utf8.span)
    #expect(
      json["sampled"]?.integer == 3 && json["converted"]?.integer == 2 && json["skipped"]?.integer == 0 && json["failed"]?.integer == 1)
    let items = try #require(json["items"]?.array)
    let first = try #require(items.first { $0["key"]?["id"]?["S"]?.string == "u-1" }?["results"]?.array?.first)
    #expect(first["key"]?["id"]?["S"]?.string == "u-1" && first["unchanged"]?.integer == 4)
    let changes = try #require(first["changes"]?.array)
    #expect(changes.map { $0["path"]?.string ?? "" }.sorted() == ["age", "email", "profile.age", "profile.email", "schema"])
    #expect(changes.first { $0["path"]?.string == "age" } == (try JSONValue(parsing: #"{"path":"age","new":{"N":"31"}}"#.utf8.span)))
    #expect(items.contains { $0["error"]?.string?.hasPrefix("invalidValue") == true })
  }

  @Test func `diff has colors on a terminal`() throws {
    let mapping = try CompiledMapping(yaml: Array(BuiltInMapping.users.utf8), file: "")
    let text = MappedItem(["id": "1", "profile": ["email": "x"]], mapping).text(number: 1, isColored: true)
    #expect(text.contains("\u{1B}[31m- profile.email {\"S\":\"x\"}\u{1B}[0m"))
    #expect(text.contains("\u{1B}[32m+ email {\"S\":\"x\"}\u{1B}[0m"))
    #expect(
      MappedItem(["id": "1", "profile": ["age": "x"]], mapping).text(number: 1, isColored: true).contains("\u{1B}[31m! invalidValue"))
  }

  @Test func `diff without a table`() async {
    let run = await Self.run("diff users.yaml")
    #expect(run.error.contains("--old") && run.status == .failed)
  }

  @Test func `apply stops at a signal`() async {
    let stop = StopSignal()
    stop.request(.interrupted)
    let run = await ToolRun.run("mapping apply users.yaml", files: Self.files, stop: stop)
    #expect(run.status == .interrupted)
  }

  @Test func `apply with a wrong mapping converts nothing`() async {
    let run = await Self.run("apply wrong.yaml", Self.item)
    #expect(run.output == "")
    #expect(run.error.hasPrefix("Error: The mapping can't be used:\nwrong.yaml:1:10: error"))
    #expect(run.status == .failed)
  }

  @Test func `schema prints the schema on one line`() async throws {
    let run = await Self.run("schema")
    #expect(try JSONValue(parsing: run.output.utf8.span) == MappingSchema.json)
    #expect(run.output.split(separator: "\n").count == 1)
    #expect(run.status == .done)
  }

  @Test func `an executable with its mapping in it has no commands for files`() async {
    let run = await ToolRun.run("mapping check users.yaml", mapping: try? CompiledMapping(yaml: Array(BuiltInMapping.users.utf8), file: ""))
    #expect(run.error.hasPrefix("Error: Unknown command 'mapping'"))
  }

  /// The lines, members in one order.
  static func lines(_ text: String) -> [String] { text.split(separator: "\n").map { sorted(String($0)) } }

  /// JSON with the members of its objects in order, so that texts can be compared.
  static func sorted(_ text: String) -> String {
    func sorted(_ value: JSONValue) -> JSONValue {
      switch value {
      case .object(let members): .object(members.sorted { $0.name < $1.name }.map { .init($0.name, sorted($0.value)) })
      case .array(let values): .array(values.map(sorted))
      default: value
      }
    }
    return (try? JSONValue(parsing: text.utf8.span)).map { sorted($0).text } ?? "not JSON: \(text)"
  }

  @Test func `the built-in mapping is the shipped one`() throws {
    let top = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    let file = try #require(try Surroundings.readFile("\(top)/Mappings/users.yaml"))
    #expect(String(decoding: file, as: UTF8.self) == BuiltInMapping.users)
  }
}
