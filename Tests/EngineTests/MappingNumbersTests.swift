import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import Testing

/// What a mapping makes of a number's text is what engines store of it, and what it refuses they refuse.
@Suite(.enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(5))) struct MappingNumbersTests {
  static let nines = String(repeating: "9", count: 38)

  /// A number as somebody wrote it, and as the service keeps it; nil where it takes none.
  static let rows: [(text: String, stored: String?)] = [
    ("0", "0"), ("-0", "0"), ("-0.0", "0"), ("00", "0"), ("0e10", "0"), ("007", "7"), ("+5", "5"), (".5", "0.5"), ("5.", "5"),
    ("1.50", "1.5"), ("1e2", "100"), ("1E+2", "100"), ("100e-2", "1"), ("-1.5e1", "-15"), ("0.000001", "0.000001"), (nines, nines),
    ("-" + nines, "-" + nines), ("0." + nines, "0." + nines),
    ("1234567890123456789.0123456789012345678", "1234567890123456789.0123456789012345678"),
    ("1E-130", "0." + String(repeating: "0", count: 129) + "1"), ("-1E-130", "-0." + String(repeating: "0", count: 129) + "1"),
    ("1E125", "1" + String(repeating: "0", count: 125)),
    ("9.9999999999999999999999999999999999999E125", nines + String(repeating: "0", count: 88)),
    (nines + "000", nines + "000"), ("0" + nines, nines), ("1" + nines, nil), ("1E126", nil), ("1E-131", nil), ("", nil), ("x", nil),
    ("0x10", nil),
    ("1e", nil), ("--1", nil), ("1 ", nil), ("NaN", nil), ("Infinity", nil), ("1,5", nil),
  ]

  static let mapping = try? CompiledMapping(
    yaml: Array(
      """
      version: 1
      old: {hash: {id: S}}
      new: {hash: {id: S}}
      key: {id: id}
      attributes:
        n: {from: text, was: string, type: number, lossy: true}
        text: {from: n, was: number, type: string}
      """.utf8), file: "numbers.yaml")

  @Test(arguments: rows) func canonicalText(_ row: (text: String, stored: String?)) throws {
    let mapping = try #require(Self.mapping)
    let new = try? mapping.convert(["id": "1", "text": .string(row.text)])
    #expect(new?.first?["n"]?.numberValue?.text == row.stored)
    guard let stored = row.stored else { return }
    let back = try mapping.convert(["id": "1", "n": .number(try DynamoDBNumber(row.text))])
    #expect(back.first?["text"] == .string(stored))
  }

  /// Engines that keep numbers as they were sent, or know fewer limits, are not asked.
  static let engines = Engine.served.filter { !["moto", "ministack"].contains($0.name) }
  /// What the service takes and an engine doesn't.
  static let refused = ["dynalite": ["+5"]]

  @Test(arguments: engines) func enginesAgree(_ engine: Engine) async throws {
    let mapping = try #require(Self.mapping)
    try await engine.withClient { client in
      try await client.withTable { table in
        for (number, row) in Self.rows.enumerated() {
          let id = "r\(number)"
          let sent = try await client.conditionalPut(#"{"id":{"S":"\#(id)"},"n":{"N":"\#(row.text)"}}"#, table: table, hashKey: "id")
          if Self.refused[engine.name]?.contains(row.text) == true {
            if case .success = sent { Issue.record("\(engine.name) takes \(row.text) now") }
            continue
          }
          switch (sent, row.stored) {
          case (.success, let stored?):
            let item = try #require(try await client.getItem(GetItemInput(tableName: table, key: ["id": .string(id)])).item)
            #expect(item["n"]?.numberValue?.text == stored, "\(row.text)")
            // What was stored goes through the mapping as text, and that text as the number again.
            let text = try #require(try mapping.convert(item).first?["text"])
            #expect(text == .string(stored), "\(row.text)")
            #expect(try mapping.convert(["id": "1", "text": text]).first?["n"] == item["n"], "\(row.text)")
          case (.failure(let error), nil): #expect(error.httpStatus == 400, "\(row.text): \(error)")
          default: Issue.record("\(row.text): \(sent)")
          }
        }
      }
    }
  }
}
