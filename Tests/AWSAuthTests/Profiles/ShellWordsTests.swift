import TestSupport
import Testing

@testable import AWSAuth

@Suite struct ShellWordsTests {
  @Test(
    arguments: [
      ("a b", ["a", "b"]), ("  a\t'b c'  ", ["a", "b c"]), (#"a"b c"d"#, ["ab cd"]), (#"a\ b"#, ["a b"]), (#""a\"b\n""#, [#"a"b\n"#]),
      ("''", [""]), ("", []), ("a 'b", nil), (#"a\"#, nil),
      ("$(rm -rf /) `x` | y; z > w *", ["$(rm", "-rf", "/)", "`x`", "|", "y;", "z", ">", "w", "*"]),
    ] as [(String, [String]?)]) func splits(_ line: String, _ words: [String]?)
  {
    #expect(shellWords(line) == words)
  }

  @Test(.enabled("botocore isn't here: set DUALTABLE_TEST_PYTHON to a Python that has it") { Python.withBotocore != nil })
  func `splits as botocore does`() throws {
    let python = try #require(Python.withBotocore)
    let seed: UInt64 = 11
    var generator = SplitMix(state: seed)
    let letters: [String] = ["a", "b", "'", "\"", "\\", " ", "\t", "$", "#", "é"]
    let lines = (0..<1_000).map { _ in (0..<generator.below(12)).map { _ in generator.pick(letters) }.joined() }
    let script = """
      import sys
      from botocore.compat import compat_shell_split
      for line in sys.stdin:
          try: print("x" + ",".join("x" + w.encode().hex() for w in compat_shell_split(bytes.fromhex(line.strip()[1:]).decode())))
          except ValueError: print("none")
      """
    let theirs = try python.run(script: script, input: lines.map { BotocoreTests.hex(Array($0.utf8)) + "\n" }.joined())
    try #require(theirs.count == lines.count)
    for (line, expected) in zip(lines, theirs) {
      let mine = shellWords(line).map { "x" + $0.map { BotocoreTests.hex(Array($0.utf8)) }.joined(separator: ",") } ?? "none"
      #expect(mine == expected, "seed \(seed): \(line.debugDescription)")
    }
  }
}
