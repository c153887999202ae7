import DynamoDBExpressions
import DynamoDBModel
import Testing

@Suite struct InsertStatementTests {
  @Test func readsLiterals() throws {
    let statement = try InsertStatement(
      parsing: """
        insert into "my table" value {'h': 'it''s', 'n': -1.50, 'e': 1e2, 'p': +.5, 't': TRUE, 'f': false, 'z': null, -- a comment
         'l': [1, 'a', [], {}], 'm': {'x': {'y': ?}}, 'ss': <<'a','b'>>, 'ns': <<1, -2>> /* another */, '"': ?};
        """, parameters: [.binary([1]), "last"])
    #expect(statement.table == "my table")
    let expected: Item = [
      "h": "it's", "n": .number(try DynamoDBNumber("-1.5")), "e": 100, "p": .number(try DynamoDBNumber("0.5")), "t": true, "f": false,
      "z": nil, "l": [1, "a", [], [:]], "m": ["x": ["y": .binary([1])]], "ss": .stringSet(["a", "b"]), "ns": .numberSet([1, -2]),
      "\"": "last",
    ]
    #expect(statement.item == expected)
  }

  @Test func writesWhatItReads() throws {
    let item: Item = ["id": "x", "it's": [1, "two"], "é\"": .binarySet([[1]]), "nothing": nil]
    let statement = InsertStatement(table: "a\"b", item: item)
    #expect(statement.text == #"INSERT INTO "a""b" VALUE {'id':?,'it''s':?,'é"':?,'nothing':?}"#)
    #expect(try InsertStatement(parsing: statement.text, parameters: statement.parameters) == statement)
  }

  static let refused: [(String, [AttributeValue], ExpressionError.Code)] = [
    ("", [], .syntax), ("foo", [], .syntax), ("SELECT * FROM t", [], .syntax), ("INSERT t VALUE {}", [], .syntax),
    ("INSERT INTO 't' VALUE {}", [], .syntax), ("INSERT INTO t VALUES {}", [], .syntax), ("INSERT INTO t {}", [], .syntax),
    ("INSERT INTO \"t\".\"i\" VALUE {}", [], .syntax), ("INSERT INTO t VALUE ?", [["id": "x"]], .syntax),
    ("INSERT INTO t VALUE {id: 1}", [], .syntax), ("INSERT INTO t VALUE {\"id\": 1}", [], .syntax),
    ("INSERT INTO t VALUE {'id': \"x\"}", [], .syntax), ("INSERT INTO t VALUE {'id': 1,}", [], .syntax),
    ("INSERT INTO t VALUE {'id': 1", [], .syntax), ("INSERT INTO t VALUE {'id': 'x}", [], .syntax),
    ("INSERT INTO t VALUE {'id': 1} x", [], .syntax), ("INSERT INTO t VALUE {'': 1}", [], .syntax),
    ("INSERT INTO t VALUE {'id': 1+1}", [], .syntax), ("INSERT INTO t VALUE {'id': 1.0.0}", [], .syntax),
    ("INSERT INTO t VALUE {'id': MISSING}", [], .syntax), ("INSERT INTO t VALUE {'id': (1)}", [], .syntax),
    ("INSERT INTO t VALUE {'id': `1`}", [], .operandType), ("INSERT INTO t VALUE {'id': <<>>}", [], .operandType),
    ("INSERT INTO t VALUE {'id': <<1, 1.0>>}", [], .operandType), ("INSERT INTO t VALUE {'id': <<1, 'a'>>}", [], .operandType),
    ("INSERT INTO t VALUE {'id': <<true>>}", [], .operandType), ("INSERT INTO t VALUE {'id': <<?>>}", ["a"], .operandType),
    ("INSERT INTO t VALUE {'id': 123456789012345678901234567890123456789}", [], .operandType),
    ("INSERT INTO t VALUE {'id': 1e126}", [], .operandType),
    ("INSERT INTO t VALUE {'id': ?}", [], .parameterCount), ("INSERT INTO t VALUE {'id': ?}", [1, 2], .parameterCount),
    ("INSERT INTO t VALUE {'id': 1}", [1], .parameterCount),
    ("INSERT INTO t VALUE {'id': '\(String(repeating: "x", count: 8_170))'}", [], .tooLong),
    ("INSERT INTO t VALUE {'id': \(String(repeating: "[", count: 32))\(String(repeating: "]", count: 32))}", [], .tooDeep),
  ]

  @Test(arguments: refused) func refuses(_ text: String, _ parameters: [AttributeValue], _ code: ExpressionError.Code) {
    let error = #expect(throws: ExpressionError.self) { try InsertStatement(parsing: text, parameters: parameters) }
    #expect(error?.code == code)
  }

  @Test(arguments: ["{'id': <<'secret','secret'>>}", "{'id': \"secret\"}", "{'id': 1} secret"])
  func neverDescribesValues(_ item: String) {
    let error = #expect(throws: ExpressionError.self) { try InsertStatement(parsing: "INSERT INTO t VALUE \(item)") }
    #expect(error?.message.contains("secret") == true)
    #expect(error?.description.contains("secret") == false)
  }
}
