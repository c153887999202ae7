import DualTableMapping
import DynamoDBModel
import Testing

/// `was` and `type`: what comes of each value, and what would not come back.
@Suite struct TypeTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let was: String
    let type: String
    let old: String
    /// The value, or the error's code.
    let strict: String
    let lossy: String

    init(_ was: String, _ type: String, _ old: String, _ strict: String, lossy: String? = nil) {
      self.was = was
      self.type = type
      self.old = old
      self.strict = strict
      self.lossy = lossy ?? strict
    }
    var testDescription: String { "\(was) → \(type): \(old)" }
  }

  static let numbers = [
    Row("string", "number", #"{"S":"42"}"#, #"{"N":"42"}"#),
    Row("string", "number", #"{"S":"-0.5"}"#, #"{"N":"-0.5"}"#),
    Row("string", "number", #"{"S":"0"}"#, #"{"N":"0"}"#),
    Row("string", "number", #"{"S":"99999999999999999999999999999999999999"}"#, #"{"N":"99999999999999999999999999999999999999"}"#),
    Row("string", "number", #"{"S":"007"}"#, "notReversible", lossy: #"{"N":"7"}"#),
    Row("string", "number", #"{"S":"1.50"}"#, "notReversible", lossy: #"{"N":"1.5"}"#),
    Row("string", "number", #"{"S":"1e2"}"#, "notReversible", lossy: #"{"N":"100"}"#),
    Row("string", "number", #"{"S":"+1"}"#, "notReversible", lossy: #"{"N":"1"}"#),
    Row("string", "number", #"{"S":"-0"}"#, "notReversible", lossy: #"{"N":"0"}"#),
    Row("string", "number", #"{"S":""}"#, "invalidValue"),
    Row("string", "number", #"{"S":" 1"}"#, "invalidValue"),
    Row("string", "number", #"{"S":"999999999999999999999999999999999999999"}"#, "invalidValue"),
    Row("string", "number", #"{"S":"1e126"}"#, "invalidValue"),
    Row("string", "number", #"{"N":"1"}"#, "wrongType"),
    Row("number", "string", #"{"N":"1.50"}"#, #"{"S":"1.5"}"#),
    Row("number", "string", #"{"N":"1E2"}"#, #"{"S":"100"}"#),
    Row("number", "string", #"{"S":"1"}"#, "wrongType"),
  ]

  static let times = [
    Row("epoch-seconds", "iso8601", #"{"N":"0"}"#, #"{"S":"1970-01-01T00:00:00Z"}"#),
    Row("epoch-seconds", "iso8601", #"{"N":"-1"}"#, #"{"S":"1969-12-31T23:59:59Z"}"#),
    Row("epoch-seconds", "iso8601", #"{"N":"1.7e9"}"#, #"{"S":"2023-11-14T22:13:20Z"}"#),
    Row("epoch-seconds", "iso8601", #"{"N":"951782400"}"#, #"{"S":"2000-02-29T00:00:00Z"}"#),
    Row("epoch-seconds", "iso8601", #"{"N":"4107542399"}"#, #"{"S":"2100-02-28T23:59:59Z"}"#),
    Row("epoch-seconds", "iso8601", #"{"N":"4107542400"}"#, #"{"S":"2100-03-01T00:00:00Z"}"#),
    Row("epoch-seconds", "iso8601", #"{"N":"-62167219200"}"#, #"{"S":"0000-01-01T00:00:00Z"}"#),
    Row("epoch-seconds", "iso8601", #"{"N":"253402300799"}"#, #"{"S":"9999-12-31T23:59:59Z"}"#),
    Row("epoch-seconds", "iso8601", #"{"N":"253402300800"}"#, "invalidValue"),
    Row("epoch-seconds", "iso8601", #"{"N":"-62167219201"}"#, "invalidValue"),
    Row("epoch-seconds", "iso8601", #"{"N":"1e30"}"#, "invalidValue"),
    Row("epoch-seconds", "iso8601", #"{"N":"1.5"}"#, "notReversible", lossy: #"{"S":"1970-01-01T00:00:01Z"}"#),
    Row("epoch-seconds", "iso8601", #"{"N":"-1.5"}"#, "notReversible", lossy: #"{"S":"1969-12-31T23:59:58Z"}"#),
    Row("epoch-seconds", "iso8601", #"{"S":"0"}"#, "wrongType"),
    Row("epoch-milliseconds", "iso8601", #"{"N":"1700000000120"}"#, #"{"S":"2023-11-14T22:13:20.12Z"}"#),
    Row("epoch-milliseconds", "iso8601", #"{"N":"-1"}"#, #"{"S":"1969-12-31T23:59:59.999Z"}"#),
    Row("epoch-milliseconds", "epoch-seconds", #"{"N":"1700000000000"}"#, #"{"N":"1700000000"}"#),
    Row("epoch-milliseconds", "epoch-seconds", #"{"N":"1700000000001"}"#, "notReversible", lossy: #"{"N":"1700000000"}"#),
    Row("epoch-milliseconds", "epoch-seconds", #"{"N":"-1"}"#, "notReversible", lossy: #"{"N":"-1"}"#),
    Row("epoch-seconds", "epoch-milliseconds", #"{"N":"-12"}"#, #"{"N":"-12000"}"#),
    Row("iso8601", "epoch-seconds", #"{"S":"2000-02-29T00:00:00Z"}"#, #"{"N":"951782400"}"#),
    Row("iso8601", "epoch-seconds", #"{"S":"1900-02-29T00:00:00Z"}"#, "invalidValue"),
    Row("iso8601", "epoch-seconds", #"{"S":"0000-01-01T00:00:00Z"}"#, #"{"N":"-62167219200"}"#),
    Row("iso8601", "epoch-seconds", #"{"S":"1970-01-01T00:00:00.5Z"}"#, "notReversible", lossy: #"{"N":"0"}"#),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01T00:00:00.5Z"}"#, #"{"N":"500"}"#),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01T00:00:00.50Z"}"#, "notReversible", lossy: #"{"N":"500"}"#),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01T00:00:00.0001Z"}"#, "notReversible", lossy: #"{"N":"0"}"#),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01T01:00:00+01:00"}"#, "notReversible", lossy: #"{"N":"0"}"#),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1969-12-31t18:30:00-05:30"}"#, "notReversible", lossy: #"{"N":"0"}"#),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01T00:00:00z"}"#, "notReversible", lossy: #"{"N":"0"}"#),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01T24:00:00Z"}"#, "invalidValue"),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01T00:00:60Z"}"#, "invalidValue"),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-13-01T00:00:00Z"}"#, "invalidValue"),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-04-31T00:00:00Z"}"#, "invalidValue"),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01 00:00:00Z"}"#, "invalidValue"),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01T00:00:00"}"#, "invalidValue"),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01T00:00:00.Z"}"#, "invalidValue"),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01T00:00:00Zx"}"#, "invalidValue"),
    Row("iso8601", "epoch-milliseconds", #"{"S":"1970-01-01"}"#, "invalidValue"),
    Row("iso8601", "epoch-milliseconds", #"{"S":"0000-01-01T00:00:00+01:00"}"#, "invalidValue"),
  ]

  static let documents = [
    Row("string-set", "list", #"{"SS":["b","a"]}"#, #"{"L":[{"S":"a"},{"S":"b"}]}"#),
    Row("number-set", "list", #"{"NS":["10","9"]}"#, #"{"L":[{"N":"9"},{"N":"10"}]}"#),
    Row("binary-set", "list", #"{"BS":["Ag==","AQE="]}"#, #"{"L":[{"B":"AQE="},{"B":"Ag=="}]}"#),
    Row("string-set", "list", #"{"NS":["1"]}"#, "wrongType"),
    Row("list", "string-set", #"{"L":[{"S":"a"},{"S":"b"}]}"#, #"{"SS":["a","b"]}"#),
    Row("list", "string-set", #"{"L":[{"S":"b"},{"S":"a"}]}"#, "notReversible", lossy: #"{"SS":["a","b"]}"#),
    Row("list", "string-set", #"{"L":[{"S":"a"},{"S":"a"}]}"#, "notReversible", lossy: #"{"SS":["a"]}"#),
    Row("list", "string-set", #"{"L":[]}"#, "invalidValue"),
    Row("list", "string-set", #"{"L":[{"N":"1"}]}"#, "wrongType"),
    Row("list", "number-set", #"{"L":[{"N":"9"},{"N":"10"}]}"#, #"{"NS":["9","10"]}"#),
    Row("list", "binary-set", #"{"L":[{"B":"AQE="}]}"#, #"{"BS":["AQE="]}"#),
    Row("binary", "base64", #"{"B":"AQE="}"#, #"{"S":"AQE="}"#),
    Row("base64", "binary", #"{"S":"AQE="}"#, #"{"B":"AQE="}"#),
    Row("base64", "binary", #"{"S":"AQE"}"#, "invalidValue"),
    Row("base64", "binary", #"{"S":"AQF="}"#, "invalidValue"),
    Row("base64", "binary", #"{"S":""}"#, #"{"B":""}"#),
    Row(
      "json", "value", #"{"S":"{\"a\":[1.50,true,null,\"x\"]}"}"#,
      #"{"M":{"a":{"L":[{"N":"1.50"},{"BOOL":true},{"NULL":true},{"S":"x"}]}}}"#),
    Row("json", "value", #"{"S":"{\"a\":1,\"a\":2}"}"#, "invalidValue"),
    Row("json", "value", #"{"S":"[1e999]"}"#, "invalidValue"),
    Row("json", "value", #"{"S":"{"}"#, "invalidValue"),
    Row("value", "json", #"{"M":{"a":{"L":[{"N":"1.50"},{"S":"\""}]}}}"#, #"{"S":"{\"a\":[1.5,\"\\\"\"]}"}"#),
    Row("value", "json", #"{"B":"AQE="}"#, "notReversible", lossy: #"{"S":"\"AQE=\""}"#),
    Row("value", "json", #"{"SS":["b","a"]}"#, "notReversible", lossy: #"{"S":"[\"a\",\"b\"]"}"#),
  ]

  @Test(arguments: numbers + times + documents) func converts(_ row: Row) throws {
    for (lossy, expected) in [(false, row.strict), (true, row.lossy)] {
      let mapping = try mapping("attributes: {v: {from: w, was: \(row.was), type: \(row.type)\(lossy ? ", lossy: true" : "")}}")
      let old = try item(#"{"id":{"S":"1"},"w":\#(row.old)}"#)
      let result =
        expected.first == "{" ? #"{"id":{"S":"1"},"v":\#(expected)}"# : "\(expected) v w \(old["w"].map { "\($0.type.name)" } ?? "-")"
      // Errors about elements of a list name the list.
      #expect(onValues(mapping, old) == result)
      #expect(onBytes(mapping, old) == result)
    }
  }

  /// Every day of the calendar, at a step that is no divisor of anything in it, there and back.
  @Test func timesComeBack() throws {
    let there = try mapping("attributes: {v: {from: w, was: epoch-milliseconds, type: iso8601}}")
    let back = try mapping("attributes: {w: {from: v, was: iso8601, type: epoch-milliseconds}}")
    var moment = -62_167_219_200_000
    var last = ""
    while moment <= 253_402_300_799_999 {
      let old: Item = ["id": "1", "w": .number(DynamoDBNumber(moment))]
      let new = try there.convert(old)[0]
      #expect(try back.convert(new) == [old])
      let text = try #require(new["v"]?.stringValue)
      // Text of one length sorts as time does; a fraction only makes it longer.
      #expect(text.prefix(19) >= last.prefix(19), "\(moment)")
      last = text
      moment += 86_400_000 * 307 + 3_601_007
    }
  }
}
