import TestSupport
import Testing

@testable import AWSAuth

@Suite struct INIFileTests {
  static let awkward = [
    "[a]\nx=1\ny : 2\nZ = three = 3\n", "[a]\r\nx = 1\r\n[b]\r\ny=2\r\n", "# c\n[a]\n; c\nx = 1 ; kept\n", "[a]\nx = 1\n  2\n\n  3\ny=4\n",
    "[a]\ns3 =\n  one = 1\n  two=2\nx = 5\n", "[a]\nx =\n", "[profile a b]\nx=1\n[profile \"c d\"]\ny=2\n",
    "[DEFAULT]\nx=1\n[a]\ny=2\n[b]\nx=3\n",
    "[a]\n  x = 1\n  y = 2\n", "[a]\nx = 1\n# comment\n  2\n", "[a] trailing\nx = 1\n", "[a]b]\nx = 1\n", "[a]\nx = \u{e9}\u{4e2d}\n",
    "", "\n\n# nothing\n", "[a]\nx: 1=2\n", "[a]\nX=1\n[A]\nx=2\n", "[a]\ns =\n  b = 1\n   c = 2\n",
  ]
  static let faults = [
    ("x=1\n", 1), ("[a]\nx\n", 2), ("[a]\nx=1\nX=2\n", 3), ("[a]\n[b]\n[a]\n", 3), ("[a]\n= 1\n", 2), ("[a]\ns =\n  broken\n", 2),
    ("[]\n", 1),
  ]

  @Test(arguments: faults) func `a line that can't be is named, and not quoted`(_ text: String, _ line: Int) {
    let fault = #expect(throws: INIFile.Fault.self) { try INIFile(Array(text.utf8)) }
    #expect(fault?.line == line)
  }

  @Test func `values go on, nest and are trimmed`() throws {
    let sections = try INIFile(Array("[a]\nX = 1\n  2\n\ns3 =\n  one = 1\n".utf8)).sections
    #expect(sections == ["a": ["x": .text("1\n2"), "s3": .nested(["one": "1"])]])
  }

  @Test(.enabled("botocore isn't here: set DUALTABLE_TEST_PYTHON to a Python that has it") { Python.withBotocore != nil })
  func `reads files as botocore does`() throws {
    let python = try #require(Python.withBotocore)
    let seed: UInt64 = 7
    var generator = SplitMix(state: seed)
    let pieces = [
      "[a]", "[b c]", "[DEFAULT]", "x=1", "y : 2", " z = 3", "s =", "  n = 4", "\tm=5", "# c", ";", "", "   ", "broken", "  more", "X = 6",
      "q =",
    ]
    let drawn = (0..<400).map { _ in (0..<generator.below(9) + 1).map { _ in generator.pick(pieces) + "\n" }.joined() }
    let files = Self.awkward + Self.faults.map(\.0) + drawn
    let script = """
      import json, os, sys, tempfile
      import botocore.configloader, botocore.exceptions
      for line in sys.stdin:
          with tempfile.NamedTemporaryFile() as f:
              f.write(bytes.fromhex(line.strip())); f.flush()
              try: parsed = botocore.configloader.raw_config_parse(f.name)
              except botocore.exceptions.ConfigParseError: print("error"); continue
          out = []
          for s in sorted(parsed):
              for o in sorted(parsed[s]):
                  v = parsed[s][o]
                  out.append([s, o, sorted(v.items()) if isinstance(v, dict) else v])
          print(json.dumps(out).encode().hex())
      """
    let theirs = try python.run(script: script, input: files.map { Self.hex($0) + "\n" }.joined())
    try #require(theirs.count == files.count)
    for (file, expected) in zip(files, theirs) {
      let mine = (try? INIFile(Array(file.utf8))).map { Self.hex(Self.shown($0)) } ?? "error"
      #expect(mine == expected, "seed \(seed): \(file.debugDescription)")
    }
  }

  /// As Python's `json.dumps` shows it.
  private static func shown(_ file: INIFile) -> String {
    func text(_ text: String) -> String {
      "\""
        + text.utf16.map { unit in
          switch unit {
          case 0x22: "\\\""
          case 0x5C: "\\\\"
          case 0x0A: "\\n"
          case 0x09: "\\t"
          case 0x20..<0x7F: String(UnicodeScalar(UInt8(unit)))
          default: "\\u" + String(repeating: "0", count: 4 - String(unit, radix: 16).count) + String(unit, radix: 16)
          }
        }.joined() + "\""
    }
    let rows = file.sections.sorted { $0.key < $1.key }.flatMap { section in
      section.value.sorted { $0.key < $1.key }.map { option in
        let value =
          switch option.value {
          case .text(let value): text(value)
          case .nested(let values):
            "[" + values.sorted { $0.key < $1.key }.map { "[\(text($0.key)), \(text($0.value))]" }.joined(separator: ", ") + "]"
          }
        return "[\(text(section.key)), \(text(option.key)), \(value)]"
      }
    }
    return "[" + rows.joined(separator: ", ") + "]"
  }

  private static func hex(_ text: String) -> String { String(BotocoreTests.hex(Array(text.utf8)).dropFirst()) }
}
