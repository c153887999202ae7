import DualTableMapping
import DynamoDBModel
import TestSupport
import Testing

/// Files made to hang a reader or to blow it up are refused with a finding, at once.
@Suite(.serialized) struct HostileFileTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let name: String
    let code: String
    let file: @Sendable () -> String
    var testDescription: String { name }
    init(_ name: String, _ code: String, _ file: @escaping @Sendable () -> String) {
      self.name = name
      self.code = code
      self.file = file
    }
  }

  static let head = FindingTests.head

  /// How many times slower everything may be, since under `Tests/sanitize` it is.
  static let slowness = Sanitizer.isThere ? 10 : 1

  static let rows = [
    Row("ten thousand brackets", "too-large") { String(repeating: "[", count: 10_000) },
    Row("ten thousand dashes", "too-large") { String(repeating: "- ", count: 10_000) },
    Row("ten thousand maps", "too-large") { String(repeating: "{a: ", count: 10_000) },
    Row("ten thousand levels of conditions", "too-large") {
      head + "key: {id: id}\nskip-when: " + String(repeating: "{not: ", count: 10_000) + "{exists: a}"
        + String(repeating: "}", count: 10_000)
    },
    Row("a thousand levels by indentation", "too-large") { (0..<1_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined() },
    Row("a value of forty levels", "too-large") {
      head + "key: {id: id}\nattributes: {a: {const: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}}"
    },
    Row("100 MB of comment", "too-large") { String(repeating: "# comment\n", count: 10 << 20) },
    Row("100 MB of one scalar", "too-large") { "a: " + String(repeating: "x", count: 100 << 20) },
    Row("a hundred thousand and more values", "too-large") { String(repeating: "a: 1\n", count: 150_000) },
    Row("aliases of aliases", "bad-value") {
      "a0: &a0 [x]\n" + (1..<60).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
    },
    Row("a merge key", "unknown-key") { head + "key: {id: id}\nattributes:\n  <<: {a: b}\n  a: {<<: {const: 1}}\n" },
    Row("a template with a thousand holes", "too-large") {
      head + "key: {id: {template: \"\(String(repeating: "{a}-", count: 1_000))\"}}"
    },
    Row("a template of 900 KB", "too-large") {
      head + "key: {id: {template: \"\(String(repeating: "{a}-", count: 225_000))\"}}"
    },
    Row("a path of ten thousand steps", "too-large") {
      head + "key: {id: id}\nattributes: {x: \(String(repeating: "a.", count: 10_000))a}"
    },
    Row("a lookup with a million entries", "too-large") {
      head + "key: {id: id}\nattributes:\n  a:\n    lookup:\n" + (0..<1_000_000).map { "      k\($0): v\n" }.joined()
    },
    Row("a lookup of as many as fit, one twice", "bad-value") {
      head + "key: {id: id}\nattributes:\n  a:\n    lookup:\n" + (0..<45_000).map { "      k\($0): v\n" }.joined() + "      k0: v\n"
    },
    Row("five thousand mistakes", "unknown-key") {
      head + "key: {id: id}\nattributes: {\((0..<5_000).map { "a\($0): {cnst: 1}" }.joined(separator: ", "))}"
    },
    Row("ten thousand targets below one another", "path-conflict") {
      head + "key: {id: id}\nattributes:\n" + (1...30).map { "  \((0..<$0).map { "a\($0)" }.joined(separator: ".")): x\n" }.joined()
        + (0..<10_000).map { "  a0.b\($0): x\n" }.joined()
    },
    Row("sixty-five blocks", "too-large") {
      head + "items:\n"
        + (0..<65).map { "- {name: b\($0), primary: \($0 == 0), key: {id: {template: \"B\($0)#{id}\"}}, rest: keep}\n" }.joined()
    },
    Row("bytes that are no UTF-8", "bad-value") { head + "key: {id: \"\u{0}\"}" },
  ]

  @Test(arguments: rows) func refusedAtOnce(_ row: Row) {
    let file = row.file()
    var found: [String] = []
    let time = ContinuousClock().measure { found = findings(file) }
    show("\(row.name), \(file.utf8.count) bytes: \(found.count) findings in \(time)")
    #expect(found.contains { $0.hasSuffix(row.code) }, "\(found.prefix(3))")
    #expect(time < .seconds(5) * Self.slowness)
  }

  /// As much as the limits allow is taken, and items go through it as through a small one.
  @Test func lookupsOfAllThatFits() throws {
    let entries = (0..<45_000).map { "      k\($0): v\($0)\n" }.joined()
    let yaml = Self.head + "key: {id: id}\nattributes:\n  a:\n    lookup:\n" + entries
    var compiled: CompiledMapping?
    let time = try ContinuousClock().measure { compiled = try CompiledMapping(yaml: Array(yaml.utf8), file: "large") }
    let mapping = try #require(compiled)
    show("a lookup of 45,000 entries compiles in \(time)")
    let items = ContinuousClock().measure {
      for number in stride(from: 0, to: 45_000, by: 450) {
        #expect(onValues(mapping, ["id": "1", "a": .string("k\(number)")])?.contains("\"v\(number)\"") == true)
        #expect(onBytes(mapping, ["id": "1", "a": .string("k\(number)")])?.contains("\"v\(number)\"") == true)
      }
    }
    show("200 conversions by it take \(items)")
    #expect(onBytes(mapping, ["id": "1", "a": "k45000"]) == "unmatchedValue a a S")
    #expect(time < .seconds(20) && items < .seconds(2))
  }
}
