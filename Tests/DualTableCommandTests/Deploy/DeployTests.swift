import DualTableMapping
import DynamoDBModel
import Testing

@testable import DualTableCommand

@Suite struct DeployTests {
  private static let line = "--old users --new users-v2 --control migrations --image registry.example/dualtable:1"

  private func run(_ kind: String, _ more: String = "", mapping: (any TableMapping)? = nil) async -> ToolRun {
    await ToolRun.run(
      "deploy \(kind) \(Self.line) \(mapping == nil ? "--mapping users.yaml" : "") \(more)", files: ["users.yaml": BuiltInMapping.users],
      mapping: mapping)
  }

  @Test func `a mapping in the executable needs no file and no shell`() async throws {
    let compiled = try CompiledMapping(yaml: Array(BuiltInMapping.users.utf8), file: "users.yaml")
    for kind in ["kubernetes", "step-functions"] {
      let run = await run(kind, mapping: compiled)
      #expect(run.status == .done, "\(run.error)")
      for word in ["ConfigMap", "mapping", "MAPPING_YAML", "/bin/sh"] { #expect(!run.output.contains(word), "\(kind): \(word)") }
    }
  }

  @Test func `what is set of the backfill goes into the workers' line, from wherever it comes`() async {
    let run = await ToolRun.run(
      "deploy kubernetes \(Self.line) --mapping users.yaml --write-mode batch --eventual",
      environment: ["DUALTABLE_WRITE_WCU": "400", "AWS_REGION": "eu-west-1"],
      files: ["users.yaml": BuiltInMapping.users, "dualtable.yaml": "open-segments: 8\n"])
    #expect(run.status == .done, "\(run.error)")
    for word in ["\"--write-mode=batch\"", "\"--eventual\"", "\"--write-wcu=400\"", "\"--open-segments=8\"", "value: eu-west-1"] {
      #expect(run.output.contains(word), "\(word)")
    }
  }

  @Test func `memory is by what may be in flight, and one worker has no budget of disruptions`() async {
    let several = await run("kubernetes", "--memory-limit 64MB")
    #expect(several.output.contains("memory: \"448Mi\"") && several.output.contains("minAvailable: 2"))
    #expect(await run("kubernetes", "").output.contains("memory: \"224Mi\""), "the default is the backfill's own")
    #expect(await !run("kubernetes", "--workers 1").output.contains("PodDisruptionBudget"))
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let more: String
    let words: String
    var kind = "kubernetes"
    var testDescription: String { more }
  }

  static let refusals = [
    Refusal(more: "--image a;b", words: "'a;b' isn't a value of --image; give an image's name as in registry.example/dualtable:1."),
    Refusal(more: "--namespace Data", words: "give a namespace, of at most 63 lower-case letters"),
    Refusal(more: "--role-arn arn:aws:iam::1:user/me", words: "give a role's ARN as in arn:aws:iam::123456789012:role/migrator"),
    Refusal(more: "--write-wcu none", words: "give capacity units a second above zero"),
    Refusal(more: "--workers 41", words: "A state machine runs 40 workers at once", kind: "step-functions"),
    Refusal(more: "--old arn:aws:dynamodb:eu:1:stream/x", words: "isn't", kind: "step-functions"),
  ]

  @Test(arguments: refusals) func `what can't be is refused with a sentence`(_ refusal: Refusal) async {
    let given = refusal.more.split(separator: " ")[0]
    let line = Self.line.split(separator: "--").map { "--" + $0 }.filter { !$0.hasPrefix("\(given) ") }.joined()
    let run = await ToolRun.run(
      "deploy \(refusal.kind) \(line) --mapping users.yaml \(refusal.more)", files: ["users.yaml": BuiltInMapping.users])
    #expect(run.status == .failed && run.output.isEmpty && run.error.contains(refusal.words), "\(run.error)")
  }

  static let texts: [(JSONValue, String)] = [
    (
      .object([.init("a", .string("one\n  two\n\nthree\n")), .init("b", .string("x\ny"))]),
      "a: |\n  one\n    two\n\n  three\nb: |-\n  x\n  y"
    ),
    // Where a block could be read as another text.
    (.array([.string(" x\ny"), .string("x\r\ny")]), "- \" x\\ny\"\n- \"x\\u000d\\ny\""),
    (.object([.init("a", .string("x\n\n")), .init("b", .string("\tx\ny"))]), "a: \"x\\n\\n\"\nb: \"\\tx\\ny\""),
    (.object([.init("yes", .array([.bool(true), .null, .number("1"), .string("1")]))]), "\"yes\":\n  - true\n  - null\n  - 1\n  - \"1\""),
    (.array([.object([.init("a", .object([])), .init("b", .array([]))])]), "- a: {}\n  b: []"),
  ]

  @Test(arguments: texts) func `values are YAML that reads back as they are`(_ value: JSONValue, _ text: String) {
    #expect(YAMLFile.text([value]) == text)
  }
}
