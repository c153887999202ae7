import Testing

/// Planted breaches: a rule that finds nothing would pass every tree.
@Suite struct TidyRulesTests {
  struct Plant: Sendable, CustomTestStringConvertible {
    var path = "Sources/DualTable/Plant.swift"
    let text: String
    /// The line and a part of the rule of each finding.
    var findings: [(Int, String)] = []
    var testDescription: String { "\(path): \(text.prefix(60))" }
  }

  static let plants: [Plant] = [
    Plant(text: "let a = 1\nprint(a)\n", findings: [(2, "terminal")]),
    Plant(text: "  debugPrint(a)", findings: [(1, "terminal")]),
    Plant(text: "let shown = \"\\(print(a))\"", findings: [(1, "terminal")]),
    Plant(path: "Sources/DualTableCommand/Terminal.swift", text: "print(a)"),
    Plant(path: "Sources/DualTable/Terminal.swift", text: "print(a)", findings: [(1, "terminal")]),
    Plant(path: "Tests/DualTableTests/Plant.swift", text: "print(a)", findings: [(1, "terminal")]),
    Plant(text: "// print(a)\n/* print(a) /* print(b) */\nprint(c) */\nlet text = \"print(a)\"\nfingerprint(a)\na.print(b)"),
    Plant(text: "let raw = #\"a \" print(b)\"#; let many = \"\"\"\n  print(\"x\")\n  \"\"\""),
    Plant(text: "dump(value, to: &text)"),
    Plant(text: "let now = Date()", findings: [(1, "time")]),
    Plant(text: "let now = Date.now", findings: [(1, "time")]),
    Plant(text: "try await Task.sleep(for: .seconds(1))", findings: [(1, "time")]),
    Plant(path: "Sources/DualTableCommand/Plant.swift", text: "try await Task.sleep(for: .seconds(1))"),
    Plant(text: "let update = Update()"),
    Plant(text: "let a = Int.random(in: 0..<3)", findings: [(1, "randomness")]),
    Plant(text: "var g = SystemRandomNumberGenerator()", findings: [(1, "randomness")]),
    Plant(text: "let b = list.shuffled()", findings: [(1, "randomness")]),
    Plant(text: "let a = Int.random(in: 0..<3, using: &generator)"),
    Plant(text: "Task { await run() }", findings: [(1, "executor")]),
    Plant(text: "Task{ await run() }", findings: [(1, "executor")]),
    Plant(text: "Task.detached { await run() }", findings: [(1, "executor")]),
    Plant(text: "struct FileTask {\n}\ngroup.addTask { await run() }"),
    Plant(text: "let a = try! read()", findings: [(1, "handled")]),
    Plant(text: "nonisolated(unsafe) var a = 1", findings: [(1, "lock")]),
    Plant(text: "private var values: SIMD32<Int64> = .zero\nlet a = SIMD4<UInt64>()", findings: [(1, "vector"), (2, "vector")]),
    Plant(text: "var low: SIMD16<UInt8>\nvar starts = SIMD4<UInt32>(repeating: 0)"),
    Plant(text: "\nfinal class A: @unchecked Sendable {\n\n}", findings: [(2, "sound")]),
    Plant(text: "final class A: @unchecked Sendable {\n  // Sound: its state is behind the lock.\n}"),
    Plant(text: "// Sound: its state is behind the lock.\nfinal class A: @unchecked Sendable {}"),
    Plant(text: "// Ok.\nfinal class A: @unchecked Sendable {}", findings: [(2, "sound")]),
    Plant(text: "let a = 1  // TODO: later\n/// FIXME", findings: [(1, "unfinished"), (2, "unfinished")]),
    Plant(text: "import Foundation", findings: [(1, "Foundation")]),
    Plant(path: "Sources/DualTableCommand/Plant.swift", text: "import Foundation"),
    Plant(text: "package import DualTableScan", findings: [(1, "DualTable lies below DualTableScan")]),
    Plant(text: "import DualTableCommand", findings: [(1, "lies below")]),
    Plant(text: "@testable import DualTable", findings: [(1, "lies below")]),
    Plant(text: "import struct DualTableScan.SegmentPlan", findings: [(1, "lies below")]),
    Plant(text: "import NIOCore", findings: [(1, "no room")]),
    Plant(text: "import ArgumentParsing", findings: [(1, "only the command")]),
    Plant(path: "Sources/ArgumentParsing/Plant.swift", text: "import HTTPTransport", findings: [(1, "knows nothing")]),
    Plant(path: "Sources/NewRoom/Plant.swift", text: "import HTTPTransport", findings: [(1, "isn't in the order")]),
    Plant(text: "public import CLibcurl", findings: [(1, "C stays inside")]),
    Plant(text: "internal import CLibcrypto\nimport Glibc\nimport Synchronization\npublic import DynamoDBModel"),
    Plant(path: "Tests/DualTableTests/Plant.swift", text: "import DualTableCommand"),
    Plant(path: "Sources/CLimit/a.c", text: String(repeating: "int a;\n", count: 601), findings: [(601, "at most 600")]),
    Plant(path: "Sources/CLimit/a.c", text: String(repeating: "int a;\n", count: 600)),
    Plant(path: "Package.swift", text: ".package(url: \"x\")\n.unsafeFlags([\"-O\"])", findings: [(1, "outside"), (2, "outside")]),
  ]

  @Test(arguments: plants) func `finds what was planted`(_ plant: Plant) {
    let found = TidyRules.findings(path: plant.path, text: plant.text)
    #expect(found.count == plant.findings.count, "found \(found)")
    for (finding, expected) in zip(found, plant.findings) {
      #expect(finding.line == expected.0)
      #expect(finding.rule.contains(expected.1), "found \(finding)")
    }
  }

  @Test func `finds strangers at the top`() {
    #expect(TidyRules.findings(top: ["Package.swift", "notes.txt", "docs"]).map(\.path) == ["notes.txt", "docs"])
  }

  @Test func `tells code from comments and strings`() {
    let swift = SwiftText("a(\"b \\(c(\"d\")) e\") // f \"g\nh /* i */ j \"\"\"\n k \\\" l\n\"\"\" + m")
    #expect(swift.code == ["a(\"(c(\"\"))\") ", "h  j \"", "", "\" + m"])
    #expect(swift.comments == ["// f \"g", "/* i */", "", ""])
  }
}
