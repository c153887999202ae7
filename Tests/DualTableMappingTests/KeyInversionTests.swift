import DualTableMapping
import DynamoDBModel
import Testing

/// How OLD's key comes out of NEW's, and which NEW keys have none.
@Suite struct KeyInversionTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let old: String
    let new: String
    let key: String
    /// NEW key → OLD key.
    let keys: [(Item, Item?)]
    var testDescription: String { key }
  }

  static let rows = [
    Row(old: "{hash: {id: S}}", new: "{hash: {id: S}}", key: "{id: id}", keys: [(["id": "1"], ["id": "1"]), (["id": 1], nil), ([:], nil)]),
    Row(old: "{hash: {id: S}}", new: "{hash: {user: S}}", key: "{user: id}", keys: [(["user": "1"], ["id": "1"]), (["id": "1"], nil)]),
    Row(
      old: "{hash: {id: S}}", new: "{hash: {id: N}}", key: "{id: {was: string, type: number}}",
      keys: [(["id": 7], ["id": "7"]), (["id": number("1.50")], ["id": "1.5"])]),
    Row(
      old: "{hash: {id: N}}", new: "{hash: {id: S}}", key: "{id: {was: number, type: string}}",
      keys: [(["id": "7"], ["id": 7]), (["id": "007"], nil), (["id": "x"], nil), (["id": "1e2"], nil)]),
    Row(
      old: "{hash: {id: S}}", new: "{hash: {pk: S}}", key: "{pk: {template: \"USER#{id}\"}}",
      keys: [(["pk": "USER#1"], ["id": "1"]), (["pk": "USER#"], nil), (["pk": "user#1"], nil), (["pk": "USER##"], ["id": "#"])]),
    Row(
      old: "{hash: {id: S}, range: {n: N}}", new: "{hash: {pk: S}, range: {sk: S}}",
      key: "{pk: {template: \"U#{id}#{n}\"}, sk: {const: META}}",
      keys: [
        (["pk": "U#a#1", "sk": "META"], ["id": "a", "n": 1]), (["pk": "U#a#1", "sk": "M"], nil), (["pk": "U#a#01", "sk": "META"], nil),
        (["pk": "U#a#1.0", "sk": "META"], nil), (["pk": "U#a#b#1", "sk": "META"], nil),
      ]),
    Row(
      old: "{hash: {id: S}}", new: "{hash: {tenant: S}, range: {user: N}}",
      key: "{tenant: {from: id, parse: \"{tenant}/{user}\"}, user: {from: id, parse: \"{tenant}/{user}\"}}",
      keys: [(["tenant": "a", "user": 7], ["id": "a/7"]), (["tenant": "a/b", "user": 7], nil)]),
    Row(
      old: "{hash: {kind: S}, range: {id: S}}", new: "{hash: {k: N}, range: {id: S}}",
      key: "{k: {from: kind, lookup: {user: 1, admin: 2}}, id: id}",
      keys: [
        (["k": 1, "id": "x"], ["kind": "user", "id": "x"]), (["k": number("2.0"), "id": "x"], ["kind": "admin", "id": "x"]),
        (["k": 3, "id": "x"], nil),
      ]),
    Row(
      old: "{hash: {at: N}}", new: "{hash: {at: S}}", key: "{at: {was: epoch-seconds, type: iso8601}}",
      keys: [
        (["at": "1970-01-01T00:00:01Z"], ["at": 1]), (["at": "1970-01-01T00:00:01.5Z"], nil), (["at": "1970-01-01T00:00:01+00:00"], nil),
      ]),
    // The same attribute by two rules: both must say the same.
    Row(
      old: "{hash: {id: S}}", new: "{hash: {pk: S}, range: {sk: S}}", key: "{pk: {template: \"P#{id}\"}, sk: {template: \"S#{id}\"}}",
      keys: [(["pk": "P#1", "sk": "S#1"], ["id": "1"]), (["pk": "P#1", "sk": "S#2"], nil)]),
    // What is no part of OLD's key tells nothing, but must fit.
    Row(
      old: "{hash: {id: S}}", new: "{hash: {pk: S}, range: {sk: S}}", key: "{pk: {template: \"C#{customer}#\"}, sk: id}",
      keys: [(["pk": "C#x#", "sk": "1"], ["id": "1"]), (["pk": "C#x", "sk": "1"], nil)]),
  ]

  @Test(arguments: rows) func oldKeys(_ row: Row) throws {
    let mapping = try mapping("rest: keep", old: row.old, new: row.new, key: row.key)
    for (new, old) in row.keys { #expect(try mapping.oldKey(for: new) == old, "\(new)") }
  }
}

private func number(_ text: String) -> AttributeValue { (try? DynamoDBNumber(text)).map { .number($0) } ?? .null }
