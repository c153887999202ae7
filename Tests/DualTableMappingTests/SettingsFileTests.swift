import DualTableMapping
import Testing

@Suite struct SettingsFileTests {
  @Test func entriesInFileOrderWithPlaces() throws {
    let yaml = """
      # where the tables are
      old: users
      new:  "users-2"   # quoted
      rate: 1_000
      json: yes
      empty:
      größe: 007
      """
    let entries = try SettingsFile(yaml: Array(yaml.utf8), file: "dualtable.yaml").entries
    #expect(
      entries.map {
        "\($0.keyPlace.line):\($0.keyPlace.column) \($0.key)=\($0.value) \($0.valuePlace.line):\($0.valuePlace.column) \($0.isQuoted)"
      } == [
        "2:1 old=users 2:6 false", "3:1 new=users-2 3:7 true", "4:1 rate=1_000 4:7 false", "5:1 json=yes 5:7 false", "6:1 empty= 6:7 false",
        "7:1 größe=007 7:8 false",
      ])
  }

  @Test(arguments: ["", "\n\n", "# nothing\n  # at all", "{}"]) func nothingSet(_ yaml: String) throws {
    #expect(try SettingsFile(yaml: Array(yaml.utf8), file: "f").entries.isEmpty)
  }

  @Test(arguments: [
    ("a: [1]", "f:1:4: error [bad-value]: a setting is one value, not a list"),
    ("a: {b: c}", "f:1:4: error [bad-value]: a setting is one value, not a map"),
    ("a: 1\nb: 2\na: 3", "f:3:1: error [bad-value]: `a` stands twice, first in line 1"),
    ("- a", "f:1:1: error [bad-value]: settings are written `key: value`, one a line"),
    (
      "a: &x 1\nb: *x",
      "f:1:4: error [bad-value]: anchors (`&…`) are not read; write the value out\nf:2:4: error [bad-value]: aliases (`*…`) are not read; write the value out"
    ),
    ("a: !!int 1", "f:1:4: error [bad-value]: the tag `tag:yaml.org,2002:int` is not one of !B, !SS, !NS, !BS"),
    ("[a]: 1", "f:1:1: error [bad-value]: a key must be plain text, not a list"),
    ("a: \"x", "f:1:6: error [bad-value]: not YAML: found unexpected end of stream"),
  ])
  func refused(_ yaml: String, _ findings: String) {
    let error = #expect(throws: MappingFindings.self) { try SettingsFile(yaml: Array(yaml.utf8), file: "f") }
    #expect(error?.description == findings)
  }

  @Test func bytesThatAreNoText() {
    let error = #expect(throws: MappingFindings.self) { try SettingsFile(yaml: Array("a: ä\nb: ".utf8) + [0xFF], file: "f") }
    #expect(error?.findings.map { "\($0.line):\($0.column)" } == ["2:4"])
  }
}
