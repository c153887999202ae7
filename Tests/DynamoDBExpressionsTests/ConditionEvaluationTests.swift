import DynamoDBExpressions
import DynamoDBModel
import Testing

/// What a condition says of one item, and of none.
@Suite struct ConditionEvaluationTests {
  static let item: Item = [
    "id": "u1", "n": 10, "big": number("12345678901234567890123456789012345678"), "s": "hello", "e": "é",
    "b": .binary([1, 2, 128]), "yes": true, "nothing": nil, "l": [1, "two", [3], ["k": "v"]], "m": ["x": 1, "y": ["z": "deep"]],
    "ss": .stringSet(["a", "b"]), "ns": .numberSet([1, 2]), "bs": .binarySet([[1], [2]]), "blank": "", "emoji": "👍a",
  ]
  static let values: AttributeMap = [
    ":ten": 10, ":tenPoint": number("10.0"), ":nine": 9,
    ":big": number("12345678901234567890123456789012345677"),
    ":hello": "hello", ":hell": "hell", ":lo": "lo", ":decomposed": "e\u{301}", ":b": .binary([1, 2, 128]), ":b127": .binary([1, 2, 127]),
    ":yes": true, ":null": nil, ":two": "two", ":three": 3, ":list3": [3], ":kv": ["k": "v"], ":ba": .stringSet(["b", "a"]),
    ":one": 1, ":onePoint": number("1.0"), ":s": "S", ":m": "M", ":nSet": "NS", ":a": "a", ":byte": .binary([2]),
    ":empty": "",
    ":five": 5, ":zero": 0, ":u1": "u1", ":z": "z",
  ]

  static let onItem: [(String, Bool)] = [
    // Equality is by type and value.
    ("n = :ten", true), ("n = :tenPoint", true), ("n = :nine", false), ("n <> :nine", true), ("n = :hello", false), ("n <> :hello", true),
    ("s = :hello", true), ("s <> :hello", false), ("e = :decomposed", false), ("b = :b", true), ("yes = :yes", true),
    ("nothing = :null", true),
    ("ss = :ba", true), ("l[2] = :list3", true), ("l[3] = :kv", true), ("m.x = :onePoint", true), ("m.y.z = :z", false),
    // What isn't there equals nothing.
    ("gone = :ten", false), ("gone <> :ten", true), ("gone = lost", false), ("gone <> lost", true), ("gone < :ten", false),
    ("gone >= :ten", false),
    ("l[9] = :one", false), ("m.gone.x = :one", false), ("s.x = :one", false), ("n[0] = :one", false),
    // Order: numbers by value, text and binaries by unsigned bytes, nothing across types.
    ("n > :nine", true), ("n < :nine", false), ("n >= :tenPoint", true), ("n <= :tenPoint", true), ("big > :big", true),
    ("big = :big", false),
    ("s > :hell", true), ("s < :hell", false), ("s < :ten", false), ("s > :ten", false), ("n < :hello", false), ("b > :b127", true),
    ("e > :z", true),
    ("l < n", false), ("l >= n", false), ("yes < n", false), ("NOT l < n", true),
    ("n BETWEEN :nine AND :ten", true), ("n BETWEEN :zero AND :nine", false), ("n BETWEEN :hell AND :hello", false),
    ("gone BETWEEN :nine AND :ten", false),
    (":nine BETWEEN :zero AND n", true), ("s BETWEEN :hell AND :hello", true), ("n BETWEEN n2 AND :ten", false),
    ("n IN (:nine, :hello, :tenPoint)", true), ("n IN (:nine)", false), ("gone IN (:nine)", false), ("l[2] IN (:nine, :list3)", true),
    (":two IN (l[1])", true),
    // Functions.
    ("attribute_exists(n)", true), ("attribute_exists(m.y.z)", true), ("attribute_exists(m.gone)", false),
    ("attribute_exists(l[3].k)", true),
    ("attribute_not_exists(gone)", true), ("attribute_not_exists(nothing)", false), ("attribute_not_exists(l[4])", true),
    ("attribute_type(s, :s)", true), ("attribute_type(n, :s)", false), ("attribute_type(m, :m)", true), ("attribute_type(ns, :nSet)", true),
    ("attribute_type(gone, :s)", false), ("attribute_type(:hello, :s)", true),
    ("begins_with(s, :hell)", true), ("begins_with(s, :lo)", false), ("begins_with(s, :empty)", true), ("begins_with(n, :hell)", false),
    ("begins_with(b, :byte)", false),
    ("begins_with(:hello, s)", true), ("begins_with(e, :decomposed)", false),
    ("contains(s, :lo)", true), ("contains(s, :two)", false), ("contains(s, :ten)", false), ("contains(ss, :a)", true),
    ("contains(ss, :two)", false), ("contains(ns, :onePoint)", true),
    ("contains(bs, :byte)", true), ("contains(b, :byte)", true), ("contains(l, :two)", true), ("contains(l, :onePoint)", true),
    ("contains(l, :list3)", true), ("contains(l, :kv)", true),
    ("contains(l, :three)", false), ("contains(m, :one)", false), ("contains(gone, :one)", false), ("contains(n, :one)", false),
    ("contains(s, :empty)", true),
    ("size(s) = :five", true), ("size(emoji) = :three", true), ("size(e) = :one", true), ("size(b) = :three", true),
    ("size(l) < :five", true), ("size(ss) <> :three", true),
    ("size(blank) = :zero", true), ("size(n) = :one", false), ("size(n) <> :one", true), ("size(gone) = :zero", false),
    ("size(gone) <> :zero", true), ("size(m) = m.x", false),
    ("size(l) BETWEEN :three AND :five", true), ("size(:hello) = :five", true), ("contains(ns, size(e))", true),
    // Precedence and parentheses.
    ("n = :nine AND s = :hello OR n = :ten", true), ("n = :ten OR s = :two AND n = :nine", true),
    ("(n = :ten OR s = :two) AND n = :nine", false),
    ("NOT n = :nine AND s = :hello", true), ("NOT (n = :nine AND s = :hello)", true), ("NOT (n = :ten AND s = :hello)", false),
    ("not Not n = :ten", true),
    ("n between :nine and :ten and s = :hello", true), ("n = :ten aNd (s = :two oR yes = :yes)", true), ("(n) = (:ten)", true),
    ("(size(s)) = :five", true),
  ]

  @Test(arguments: onItem) func says(_ text: String, _ expected: Bool) throws {
    #expect(try Self.parse(text).evaluate(on: Self.item) == expected)
  }

  static let onNothing: [(String, Bool)] = [
    ("attribute_not_exists(id)", true), ("attribute_exists(id)", false), ("n = :ten", false), ("n <> :ten", true), ("NOT n = :ten", true),
    ("size(s) = :zero", false),
    ("id <> :u1", true), ("attribute_not_exists(id) OR n < :ten", true), ("attribute_type(n, :s)", false), ("n IN (:ten)", false),
    ("NOT attribute_exists(id)", true),
  ]

  @Test(arguments: onNothing) func saysOfNoItemWhatItSaysOfAnEmptyOne(_ text: String, _ expected: Bool) throws {
    let condition = try Self.parse(text)
    #expect(condition.evaluate(on: nil) == expected)
    #expect(condition.evaluate(on: Item()) == expected)
  }

  static let absence: [(String, Bool)] = [
    ("attribute_not_exists(id)", true), ("attribute_not_exists(sort)", true), ("attribute_not_exists(n)", false),
    ("attribute_not_exists(id.x)", false),
    ("attribute_not_exists(id) AND n = :ten", true), ("attribute_not_exists(id) OR n = :ten", false),
    ("attribute_not_exists(id) OR attribute_not_exists(sort)", true),
    ("NOT attribute_exists(id)", true), ("NOT attribute_not_exists(id)", false), ("NOT (attribute_exists(id) OR n = :ten)", true),
    ("NOT (attribute_exists(id) AND n = :ten)", false), ("id <> :u1", false), ("NOT NOT attribute_not_exists(id)", true),
  ]

  @Test(arguments: absence) func knowsWhatNoItemCanSatisfy(_ text: String, _ expected: Bool) throws {
    let condition = try Self.parse(text).condition
    #expect(condition.isFalseOfEveryItem(with: ["id", "sort"]) == expected)
    if expected {
      for item: Item in [["id": "u1", "sort": 1], ["id": "u1", "sort": 1, "n": 10]] { #expect(!condition.evaluate(on: item)) }
    }
  }

  private static func number(_ text: String) -> AttributeValue { (try? DynamoDBNumber(text)).map { .number($0) } ?? .null }

  /// The condition, with those of the values that it names.
  static func parse(_ text: String) throws -> ConditionExpression {
    var attributes = try ExpressionAttributes(names: nil, values: values)
    return try ConditionExpression(text, &attributes)
  }
}
