import DualTableMapping
import DynamoDBModel
import Testing

/// The mapping articles of the documentation: every example in them does what it says, and nothing of the language is without one.
@Suite struct MappingArticleTests {
  @Test(arguments: ArticleExample.articles) func everyBlockIsRun(_ article: String) throws {
    let (examples, others) = try ArticleExample.all(in: article)
    #expect(examples.count > 12)
    // The one other block is the lines that examples leave out.
    let head = ArticleExample.head.map(\.1).joined(separator: "\n")
    #expect(others.map(\.text) == (article == "MappingFiles" ? [head] : []), "blocks that nothing runs: \(others.map(\.line))")
    for example in examples { try run(example) }
  }

  private func run(_ example: ArticleExample) throws {
    let comment: Comment = "\(example.testDescription)"
    let mapping: CompiledMapping
    do {
      mapping = try CompiledMapping(yaml: Array(example.yaml.utf8), file: "f")
    } catch {
      let found = error.findings.map { "\($0.line):\($0.column) \($0.severity) [\($0.code)]" }
      #expect(found == example.findings, comment)
      return
    }
    #expect(example.findings.isEmpty, comment)
    #expect(!example.cases.isEmpty, comment)
    try checkInverse(of: mapping, example)
    for one in example.cases {
      let old = try item(one.old)
      #expect(outcome { try mapping.convert(old).map(\.description) } == expected(one), comment)
      #expect(outcome { try convertOnBytes(mapping, Array(one.old.utf8)) } == expected(one), comment)
      // The keys of what it became stand first, and lead back to it.
      let keys = try one.new.map { try #require(mapping.newSchema.key(of: item($0)), comment).description }
      #expect(one.keys.prefix(keys.count).map(\.new) == keys, comment)
      #expect(one.keys.prefix(keys.count).allSatisfy { $0.old == mapping.oldSchema.key(of: old)?.description }, comment)
      for key in one.keys { #expect(try mapping.oldKey(for: item(key.new))?.description == key.old, comment) }
    }
  }

  /// The inverse is the one that is shown, and takes the items back.
  private func checkInverse(of mapping: CompiledMapping, _ example: ArticleExample) throws {
    let comment: Comment = "\(example.testDescription)"
    if !example.notInvertible.isEmpty {
      let findings = #expect(throws: MappingFindings.self, comment) { try mapping.inverse() }?.findings ?? []
      #expect(findings.map { "\($0.line):\($0.column)" } == example.notInvertible, comment)
    }
    guard let shown = example.inverse else { return }
    let file = try mapping.inverse()
    #expect(String(file.drop { $0 != "\n" }.dropFirst()) == shown, comment)
    let inverse = try CompiledMapping(yaml: Array(file.utf8), file: "inverse")
    for one in example.cases where one.new.count == 1 && !example.yaml.contains("lossy") {
      #expect(try inverse.convert(item(one.new[0])) == [item(one.old)], comment)
    }
  }

  private func expected(_ one: ArticleExample.Case) -> [String] {
    if let error = one.error { return ["error \(error)"] }
    return one.isSkipped ? [] : one.new.isEmpty ? ["nothing is said"] : one.new
  }

  /// The items, or the error as it is printed up to its sentence.
  private func outcome(_ convert: () throws -> [String]) -> [String] {
    do {
      return try convert()
    } catch let error as ConversionError {
      return ["error " + error.description.dropLast(error.message.utf8.count + 2)]
    } catch {
      return ["\(error)"]
    }
  }

  /// Every key of the language, every choice of a value, every pair of types: taken from the schema, which is made from the compiler's tables.
  @Test func nothingIsWithoutExample() throws {
    let examples = try ArticleExample.articles.flatMap { try ArticleExample.all(in: $0).examples }
    let texts = examples.filter { $0.findings.isEmpty }.map(\.yaml)
    func isShown(_ pattern: some RegexComponent) -> Bool { texts.contains { $0.contains(pattern) } }
    var terms = Terms()
    terms.collect(MappingSchema.json)
    #expect(terms.keys.count > 30)
    #expect(terms.pairs.count > 14)
    for key in terms.keys.sorted() {
      #expect(isShown(try Regex("(^|[\\n{, \\[])\(key):[ \\n]")), "no example of `\(key)`")
    }
    for choice in terms.choices.sorted() {
      #expect(isShown(try Regex("[ \\[\"]\(choice)[\\]}\", \\n]")), "no example of `\(choice)`")
    }
    for pair in terms.pairs.sorted() { #expect(texts.contains { $0.contains(pair) }, "no example of `\(pair)`") }
    for tag in ["!B", "!SS", "!NS", "!BS", "{{"] { #expect(texts.contains { $0.contains(tag) }, "no example of `\(tag)`") }
  }

  /// What the schema knows.
  private struct Terms {
    var keys: Set<String> = []
    var choices: Set<String> = []
    /// `was: …, type: …`.
    var pairs: Set<String> = []

    mutating func collect(_ schema: JSONValue) {
      if let was = schema["if"]?["properties"]?["was"]?["const"]?.string, let types = schema["then"]?["properties"]?["type"]?["enum"]?.array
      {
        for type in types { pairs.insert("was: \(was), type: \(type.string ?? "")") }
        return
      }
      for member in schema.object ?? [] {
        if member.name == "properties" { keys.formUnion((member.value.object ?? []).map(\.name)) }
        if member.name == "enum" { choices.formUnion((member.value.array ?? []).compactMap(\.string)) }
        collect(member.value)
      }
      for element in schema.array ?? [] { collect(element) }
    }
  }
}
