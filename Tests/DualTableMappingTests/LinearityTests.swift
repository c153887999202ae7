import DualTableMapping
import DynamoDBModel
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// No rule makes the cost grow faster than the item: eight times the item costs about eight times as much, on values and on bytes.
@Suite(.serialized) struct LinearityTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let name: String
    let lines: String
    /// The attributes of an item of `size`.
    let item: @Sendable (_ size: Int) -> Item
    var testDescription: String { name }
  }

  private static func list(_ count: Int, _ element: (Int) -> AttributeValue) -> AttributeValue { .list((0..<count).map(element)) }
  private static func map(_ count: Int, _ member: (Int) -> AttributeValue) -> AttributeValue {
    .map(AttributeMap((0..<count).map { (name: "m\($0)", value: member($0)) }))
  }
  private static func text(_ unit: String, _ count: Int) -> AttributeValue { .string(String(repeating: unit, count: count)) }

  static let rows = [
    Row(name: "attributes kept", lines: "rest: keep") { size in Item((0..<size).map { (name: "a\($0)", value: .string("x")) }) },
    Row(name: "attributes left out", lines: "rest: drop") { size in Item((0..<size).map { (name: "a\($0)", value: .string("x")) }) },
    Row(name: "names with escapes", lines: "attributes: {b: a}\nrest: keep") { size in
      Item((0..<size).map { (name: "a\"\n\($0)", value: .string("x")) })
    },
    Row(name: "a member of a map", lines: "attributes: {b: a.m0, a.x: c}\nrest: keep") { ["a": map($0) { _ in "x" }, "c": "y"] },
    Row(name: "an element of a list", lines: "attributes: {b: \"a[0]\", c: \"a[7].x\"}\nrest: keep") {
      ["a": list($0) { _ in ["x": "y"] }]
    },
    Row(name: "a copy, twice", lines: "attributes: {b: a, c: a}") { ["a": list($0) { _ in "x" }] },
    Row(name: "deeper", lines: "attributes: {b.c.d: a}") { ["a": list($0) { _ in ["x": ["y"]] }] },
    Row(name: "template", lines: "attributes: {t: {template: \"{a}#{b}\"}}\nrest: drop") {
      ["a": text("é", $0 * 8), "b": text("#", $0 * 8)]
    },
    Row(name: "template of near misses", lines: "attributes: {t: {template: \"{a}#####x{b}\"}}\nrest: drop") {
      ["a": text("#", $0 * 8), "b": text("#", $0 * 8)]
    },
    Row(name: "parse", lines: "attributes: {t: {from: a, parse: \"{t}####x{u}!\"}}") { size in
      ["a": .string(String(repeating: "#", count: size * 8) + "x" + String(repeating: "!", count: size * 8))]
    },
    Row(name: "lookup of a long text", lines: "attributes: {b: {from: a, lookup: {x: y}, otherwise: keep}}") { ["a": text("x", $0 * 16)] },
    Row(name: "text to number", lines: "attributes: {b: {from: a, each: {was: string, type: number}}}") {
      ["a": list($0) { .string("\($0)") }]
    },
    Row(name: "a number that is none", lines: "attributes: {b: {from: a, was: string, type: number}}") { ["a": text("9", $0 * 16)] },
    Row(name: "times", lines: "attributes: {b: {from: a, each: {was: epoch-seconds, type: iso8601}}}") {
      ["a": list($0) { .number(DynamoDBNumber($0)) }]
    },
    Row(name: "json to value", lines: "attributes: {b: {from: a, was: json, type: value}}") { size in
      ["a": .string("[" + (0..<size).map { "{\"k\($0)\":[1,null]}" }.joined(separator: ",") + "]")]
    },
    Row(name: "one wide object", lines: "attributes: {b: {from: a, was: json, type: value}}") { size in
      ["a": .string("{" + (0..<size).map { "\"k\($0)\":1" }.joined(separator: ",") + "}")]
    },
    Row(name: "value to json", lines: "attributes: {b: {from: a, was: value, type: json}}") {
      ["a": map($0) { ["x": .number(DynamoDBNumber($0))] }]
    },
    Row(name: "string set to list", lines: "attributes: {b: {from: a, was: string-set, type: list}}") { size in
      ["a": .stringSet((0..<size).map { "s\(($0 * 7_919) % size)" }.uniqued)]
    },
    Row(name: "number set to list", lines: "attributes: {b: {from: a, was: number-set, type: list}}") { size in
      ["a": .numberSet((0..<size).map { DynamoDBNumber(size - $0) })]
    },
    Row(name: "list to set", lines: "attributes: {b: {from: a, was: list, type: number-set}}") {
      ["a": list($0) { .number(DynamoDBNumber($0)) }]
    },
    Row(name: "list to set, lossy", lines: "attributes: {b: {from: a, was: list, type: string-set, lossy: true}}") { size in
      ["a": list(size) { .string("s\(($0 * 7_919) % size)") }]
    },
    Row(name: "binary to base64", lines: "attributes: {b: {from: a, was: binary, type: base64}}") {
      ["a": .binary(Array(repeating: 7, count: $0 * 16))]
    },
    Row(name: "base64 to binary", lines: "attributes: {b: {from: a, was: base64, type: binary}}") { ["a": text("YWJj", $0 * 4)] },
    Row(
      name: "each map of a list",
      lines: "attributes: {a: {each: {attributes: {q: {from: p, was: string, type: number}, x.y: z}, rest: keep}}}"
    ) {
      ["a": list($0) { ["p": .string("\($0)"), "z": "w", "o": [1, 2]] }]
    },
    Row(name: "each map of a map", lines: "attributes: {a: {each: {attributes: {q: p}, rest: keep, skip-when: {exists: gone}}}}") {
      ["a": map($0) { ["p": .string("\($0)")] }]
    },
    Row(name: "each in each", lines: "attributes: {a: {each: {attributes: {b: {each: {attributes: {q: p}}}}}}}") { size in
      ["a": list(size / 8) { _ in ["b": list(8) { _ in ["p": "x"] }] }]
    },
    Row(name: "each scalar", lines: "attributes: {a: {each: {lookup: {x: 1, y: 2}, otherwise: drop}}}") {
      ["a": list($0) { $0 % 3 == 0 ? "x" : "z" }]
    },
    Row(
      name: "conditions",
      lines:
        "attributes: {b: {from: a, when: {any: [{in: {a: [1, x]}}, {matches: {t: \"{x}##{y}\"}}, {equals: {a: [x]}}, {less: {t: \"#\"}}]}}}\nrest: keep"
    ) { ["a": list($0) { _ in "x" }, "t": text("#", $0 * 8)] },
    Row(name: "default", lines: "attributes: {b: {from: a, default: 1, default-when: [absent, null, empty]}}") {
      ["a": list($0) { _ in "x" }]
    },
  ]

  @Test(arguments: rows) func grows(_ row: Row) throws {
    let mapping = try mapping(row.lines)
    // Large enough that what an item costs by itself doesn't show.
    let size = 256
    let small = try cost(mapping, row.item(size))
    let large = try cost(mapping, row.item(8 * size))
    let ratio = (values: large.values / small.values, bytes: large.bytes / small.bytes)
    show("\(row.name): 8 times the item costs \(tenths(ratio.values)) times on values, \(tenths(ratio.bytes)) times on bytes")
    // A sort grows a little faster, a cache may be left; twice the growth allows for both, and a square would be 64. A sanitizer's own
    // books grow with every object.
    #expect(ratio.values < 20 && ratio.bytes < 20 || Sanitizer.isThere, "\(row.name): \(ratio)")
  }

  private func tenths(_ value: Double) -> String { String((value * 10).rounded() / 10) }

  /// Nanoseconds of this thread for one conversion, on values and on bytes.
  private func cost(_ mapping: CompiledMapping, _ attributes: Item) throws -> (values: Double, bytes: Double) {
    var item: Item = ["id": "1"]
    for (name, value) in attributes { item[name] = value }
    var wire = ByteBuffer()
    item.encode(into: &wire)
    var tape = ItemTape()
    _ = try tape.read(wire.span)
    var converter = ItemConverter(mapping)
    var out = ByteBuffer()
    let values = least { _ = try? mapping.convert(item) }
    var best = Double.infinity
    for _ in 0..<9 {
      let start = threadTime()
      for _ in 0..<4 {
        out.removeAll()
        _ = try? converter.begin(tape, wire.span)
        _ = try? converter.write(0, of: tape, wire.span, to: &out)
      }
      best = min(best, threadTime() - start)
    }
    return (values, best / 4)
  }

  private func least(_ body: () -> Void) -> Double {
    (0..<5).map { _ in
      let start = threadTime()
      body()
      return threadTime() - start
    }.min() ?? 0
  }

  /// Processor time of this thread: other work on the machine doesn't count.
  private func threadTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }
}

extension [String] {
  fileprivate var uniqued: [String] { Array(Set(self)).sorted(by: >) }
}
