import DynamoDBModel
import HTTPTransport
import Testing

@Suite struct WireRefusalTests {
  typealias Code = DynamoDBModelError.Code

  static let cases: [(String, Code, Int)] = [
    ("", .truncated, 0), ("  ", .truncated, 2), ("[]", .malformed, 0), ("null", .malformed, 0), ("{", .truncated, 1), ("{]", .malformed, 1),
    ("{}x", .trailingBytes, 2), (#"{"a":{"S":"x"}} {"#, .trailingBytes, 16), (#"{"a":{"S":"x"}}}"#, .trailingBytes, 15),
    (#"{"a":{"S":"x"}"#, .truncated, 14), (#"{"a":{"S":"x""#, .truncated, 13), (#"{"a":{"S":"x"#, .truncated, 12),
    (#"{"a":{"S":"#, .truncated, 10),
    (#"{"a":{"S""#, .truncated, 9), (#"{"a":{"#, .truncated, 6), (#"{"a":"#, .truncated, 5), (#"{"a""#, .truncated, 4),
    (#"{"a"#, .truncated, 3),
    (#"{"a":{"S":"x"},}"#, .malformed, 15), (#"{,"a":{"S":"x"}}"#, .malformed, 1), (#"{"a":{"S":"x"}"b":{"S":"x"}}"#, .malformed, 14),
    (#"{"a":{"S":"x"},,"b":{"S":"x"}}"#, .malformed, 15), (#"{"a" {"S":"x"}}"#, .malformed, 5), (#"{'a':{"S":"x"}}"#, .malformed, 1),
    (#"{"a":{"S":"x"]}"#, .malformed, 13), (#"{"a":{"S":"x"}]"#, .malformed, 14), (#"{"a":{"L":[}}}"#, .wrongJSONType, 11),
    (#"{"a":{"L":[{"S":"x"}}}"#, .malformed, 20), (#"{"a":{"L":[{"S":"x"},]}}"#, .wrongJSONType, 21),
    (#"{"a":{"L":["x"]}}"#, .wrongJSONType, 11),
    // Types
    (#"{"a":"x"}"#, .wrongJSONType, 5), (#"{"a":{"S":5}}"#, .wrongJSONType, 10), (#"{"a":{"N":5}}"#, .wrongJSONType, 10),
    (#"{"a":{"S":null}}"#, .wrongJSONType, 10), (#"{"a":{"B":true}}"#, .wrongJSONType, 10), (#"{"a":{"BOOL":"true"}}"#, .wrongJSONType, 13),
    (#"{"a":{"BOOL":1}}"#, .wrongJSONType, 13), (#"{"a":{"BOOL":truex}}"#, .malformed, 17), (#"{"a":{"NULL":false}}"#, .nullNotTrue, 13),
    (#"{"a":{"NULL":null}}"#, .wrongJSONType, 13), (#"{"a":{"NULL":"true"}}"#, .wrongJSONType, 13),
    (#"{"a":{"L":{}}}"#, .wrongJSONType, 10),
    (#"{"a":{"M":[]}}"#, .wrongJSONType, 10), (#"{"a":{"SS":"x"}}"#, .wrongJSONType, 11),
    (#"{"a":{"SS":[{"S":"x"}]}}"#, .wrongJSONType, 12),
    (#"{"a":{"NS":[1]}}"#, .wrongJSONType, 12), (#"{"a":{}}"#, .notOneType, 6), (#"{"a":{"S":"x","N":"1"}}"#, .notOneType, 13),
    (#"{"a":{"S":"x","S":"y"}}"#, .notOneType, 13), (#"{"a":{"M":{},"S":"y"}}"#, .notOneType, 12),
    (#"{"a":{"NULL":true,"S":"y"}}"#, .notOneType, 17),
    (#"{"a":{"SS":["y"],"S":"y"}}"#, .notOneType, 16), (#"{"a":{"X":"x"}}"#, .unknownType, 6), (#"{"a":{"s":"x"}}"#, .unknownType, 6),
    (#"{"a":{"":"x"}}"#, .unknownType, 6), (#"{"a":{"BOOLE":true}}"#, .unknownType, 6), (#"{"a":{"SSS":["x"]}}"#, .unknownType, 6),
    // Names
    (#"{"":{"S":"x"}}"#, .emptyName, 1), (#"{"a":{"M":{"":{"S":"x"}}}}"#, .emptyName, 11),
    (#"{"a":{"S":"x"},"a":{"S":"y"}}"#, .duplicateName, 15), (#"{"a":{"S":"x"},"b":{"S":"y"},"a":{"N":"1"}}"#, .duplicateName, 29),
    (#"{"a":{"S":"x"},"\u0061":{"S":"y"}}"#, .duplicateName, 15), (#"{"\u0061":{"S":"x"},"a":{"S":"y"}}"#, .duplicateName, 20),
    (#"{"m":{"M":{"k":{"S":"x"},"k":{"S":"y"}}}}"#, .duplicateName, 25),
    (#"{"m":{"L":[{"M":{"k":{"S":"x"},"k":{"S":"y"}}}]}}"#, .duplicateName, 31),
    (#"{"é":{"S":"x"},"\u00e9":{"S":"y"}}"#, .duplicateName, 16),
    // Text
    ("{\"a\":{\"S\":\"\u{1}\"}}", .controlCharacter, 11), ("{\"a\":{\"S\":\"a\nb\"}}", .controlCharacter, 12),
    ("{\"a\u{0}\":{\"S\":\"\"}}", .controlCharacter, 3), (#"{"a":{"S":"\x"}}"#, .invalidEscape, 11),
    (#"{"a":{"S":"\u12g4"}}"#, .invalidEscape, 15),
    (#"{"a":{"S":"\u12"}}"#, .invalidEscape, 15), (#"{"a":{"S":"\u00"#, .truncated, 15), (#"{"a":{"S":"\"#, .truncated, 12),
    (#"{"a":{"S":"\ud800"}}"#, .loneSurrogate, 11), (#"{"a":{"S":"\ud800x"}}"#, .loneSurrogate, 11),
    (#"{"a":{"S":"\ud800\n"}}"#, .loneSurrogate, 11),
    (#"{"a":{"S":"\ud800\ud800"}}"#, .loneSurrogate, 11), (#"{"a":{"S":"\udc00"}}"#, .loneSurrogate, 11),
    (#"{"a":{"S":"ab\udc00\ud800"}}"#, .loneSurrogate, 13),
    (#"{"\ud800":{"S":"x"}}"#, .loneSurrogate, 2), (#"{"a":{"S":"\ud83d\ude0"}}"#, .invalidEscape, 22),
    // Numbers
    (#"{"a":{"N":""}}"#, .invalidNumber, 11), (#"{"a":{"N":"x"}}"#, .invalidNumber, 11), (#"{"a":{"N":"12x"}}"#, .invalidNumber, 13),
    (#"{"a":{"N":"1 "}}"#, .invalidNumber, 12), (#"{"a":{"N":"-"}}"#, .invalidNumber, 12), (#"{"a":{"N":"1-2"}}"#, .invalidNumber, 12),
    (#"{"a":{"N":"1.2.3"}}"#, .invalidNumber, 14), (#"{"a":{"N":"1e126"}}"#, .numberOutOfRange, 11),
    (#"{"a":{"N":"1e-131"}}"#, .numberOutOfRange, 11),
    (#"{"a":{"N":"123456789012345678901234567890123456789"}}"#, .numberTooPrecise, 49), (#"{"a":{"N":"\u0078"}}"#, .invalidNumber, 11),
    (#"{"a":{"N":"1234567:"}}"#, .invalidNumber, 18), (#"{"a":{"N":"/2345678"}}"#, .invalidNumber, 11),
    (#"{"a":{"N":"123456789012345:"}}"#, .invalidNumber, 26),
    // Binaries
    (#"{"a":{"B":"A"}}"#, .invalidBase64, 12), (#"{"a":{"B":"AA=A"}}"#, .invalidBase64, 13), (#"{"a":{"B":"===="}}"#, .invalidBase64, 11),
    (#"{"a":{"B":"AA=="}}"#.replacing("AA", with: "AB"), .invalidBase64, 12), (#"{"a":{"B":"AAB="}}"#, .invalidBase64, 13),
    (#"{"a":{"B":"AA A"}}"#, .invalidBase64, 13), (#"{"a":{"B":"_w=="}}"#, .invalidBase64, 11),
    (#"{"a":{"B":"AA==AAAA"}}"#, .invalidBase64, 13),
    (#"{"a":{"B":"AAAAAAAAAAAAAAAAAAAAAA-A"}}"#, .invalidBase64, 33), (#"{"a":{"B":"AAA\n"}}"#, .invalidBase64, 11),
    (#"{"a":{"B":"A==="}}"#, .invalidBase64, 12),
    // Sets
    (#"{"a":{"SS":[]}}"#, .emptySet, 12), (#"{"a":{"NS":[ ]}}"#, .emptySet, 13), (#"{"a":{"BS":[]}}"#, .emptySet, 12),
    (#"{"a":{"SS":["x","y","x"]}}"#, .duplicateMember, 20), (#"{"a":{"SS":["a","\u0061"]}}"#, .duplicateMember, 16),
    (#"{"a":{"NS":["1","2","1.0"]}}"#, .duplicateMember, 20), (#"{"a":{"NS":["100","1e2"]}}"#, .duplicateMember, 18),
    (#"{"a":{"NS":["0","-0"]}}"#, .duplicateMember, 16), (#"{"a":{"BS":["AA==","AA=="]}}"#, .duplicateMember, 19),
    (#"{"a":{"BS":["/w==","\/w=="]}}"#, .duplicateMember, 19), (#"{"a":{"NS":["1","x"]}}"#, .invalidNumber, 17),
    (#"{"a":{"BS":["A"]}}"#, .invalidBase64, 14),
    (#"{"a":{"SS":["x",]}}"#, .wrongJSONType, 16), (#"{"a":{"SS":["x" "y"]}}"#, .malformed, 16), (#"{"a":{"SS":["x"}}"#, .malformed, 15),
    ("{\"a\":{\"SS\":[\(((0..<20).map { "\"m\($0)\"" } + ["\"m7\""]).joined(separator: ","))]}}", .duplicateMember, 122),
    ("{\"a\":{\"NS\":[\(((1..<21).map { "\"\($0)\"" } + ["\"7.0\""]).joined(separator: ","))]}}", .duplicateMember, 103),
  ]

  @Test(arguments: cases) func refuses(_ text: String, _ code: Code, _ offset: Int) {
    #expect(refusal(Array(text.utf8)) == DynamoDBModelError(code, at: offset))
    // With something behind it the same byte is at fault: the end of the input plays no part.
    guard code != .truncated && code != .trailingBytes else { return }
    #expect(refusal(Array(text.utf8) + Array(repeating: 0x20, count: 64)) == DynamoDBModelError(code, at: offset))
    #expect(ReferenceDecoder.item(Array(text.utf8)) == nil)
  }

  /// The same faults in an item whose form the tape has learned from a good one.
  @Test func refusesAlsoWhatBeginsAsExpected() throws {
    var tape = ItemTape()
    let good = Array((#"{"a":{"S":"x"},"b":{"N":"1"}}"# + String(repeating: " ", count: 64)).utf8)
    for (text, code, offset) in Self.cases where code != .trailingBytes && code != .truncated {
      _ = try tape.read(good.span)
      let bytes = Array((text + String(repeating: " ", count: 64)).utf8)
      #expect { _ = try tape.read(bytes.span) } throws: { $0 as? DynamoDBModelError == DynamoDBModelError(code, at: offset) }
      // And once more, now that its own form is known as far as it went.
      #expect { _ = try tape.read(bytes.span) } throws: { $0 as? DynamoDBModelError == DynamoDBModelError(code, at: offset) }
    }
  }

  /// Texts that would pass if what was learned from the first were expected in the wrong place of the second.
  static let transplants: [(String, String)] = [
    (#"{"a":{"M":{"k":{"S":"x"}}}}"#, #"{"a":{"L":["k":{"S":"x"}]}}"#), (#"{"a":{"L":[{"S":"x"}]}}"#, #"{"a":{"M":{{"S":"x"}}}}"#),
    (#"{"a":{"M":{"k":{"S":"x"},"l":{"S":"x"}}}}"#, #"{"a":{"L":[{"S":"y"},"l":{"S":"x"}]}}"#),
    (#"{"a":{"M":{"k":{"M":{"l":{"S":"x"}}}}}}"#, #"{"a":{"M":{"k":{"L":["l":{"S":"x"}]}}}}"#),
    (#"{"a":{"L":[{"M":{"k":{"S":"x"}}}]}}"#, #"{"a":{"L":[{"L":["k":{"S":"x"}]}]}}"#),
    (#"{"a":{"S":"x"},"b":{"S":"x"}}"#, #"{"a":{"S":"x"} ,,"b":{"S":"x"}}"#),
    (#"{"a":{"S":"x"},"b":{"S":"x"}}"#, #"{"a":{"S":"x"},"b":{"S":"x","b":{"S":"x"}}"#),
    (#"{"a":{"SS":["x"]}}"#, #"{"a":{"SS":[{"S":"x"}]}}"#), (#"{"a":{"L":[{"S":"x"}]}}"#, #"{"a":{"SS":[{"S":"x"}]}}"#),
    (#"{"a":{"M":{"a":{"S":"x"}}}}"#, #"{"a":{"M":{"a":{"S":"x"},"a":{"S":"x"}}}}"#),
    (#"{"a":{"L":[{"M":{"k":{"S":"x"}}},{"M":{"k":{"S":"x"}}}]}}"#, #"{"a":{"L":[{"M":{"k":{"S":"x"},"k":{"S":"x"}}}]}}"#),
    (#"{"a long name of over thirty bytes":{"M":{"k":{"S":"x"}}}}"#, #"{"a long name of over thirty bytes":{"L":["k":{"S":"x"}]}}"#),
  ]

  @Test(arguments: transplants) func expectsThingsOnlyWhereTheyBelong(_ good: String, _ bad: String) throws {
    let room = String(repeating: " ", count: 64)
    let (good, bad) = (Array((good + room).utf8), Array((bad + room).utf8))
    #expect(ReferenceDecoder.item(bad) == nil)
    for rounds in 1...3 {
      var tape = ItemTape()
      for _ in 0..<rounds {
        _ = try tape.read(good.span)
        #expect(Item(tape, good.span) == ReferenceDecoder.item(good))
      }
      #expect(throws: DynamoDBModelError.self) { _ = try tape.read(bad.span) }
      #expect(throws: DynamoDBModelError.self) { _ = try tape.read(bad.span) }
      _ = try tape.read(good.span)
      #expect(Item(tape, good.span) == ReferenceDecoder.item(good))
    }
  }

  static let badUTF8: [[UInt8]] = [
    [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xC2, 0xC2], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE1, 0x80],
    [0xE1, 0x80, 0x20],
    [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x80, 0x80],
    [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
    [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
  ]

  @Test(arguments: badUTF8) func refusesBadUTF8(_ bad: [UInt8]) {
    for before in ["", "plain", "plain text of over sixteen bytes", "é€😀"] {
      for (start, end) in [(#"{"a":{"S":""#, #""}}"#), (#"{""#, #"":{"S":"x"}}"#), (#"{"a":{"SS":[""#, #""]}}"#)] {
        let bytes = Array((start + before).utf8) + bad + Array((end + String(repeating: " ", count: 20)).utf8)
        #expect(refusal(bytes) == DynamoDBModelError(.invalidUTF8, at: (start + before).utf8.count))
      }
    }
  }

  @Test func takesAllOfUTF8() throws {
    for scalar in [0x20, 0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0xD7FF, 0xE000, 0xFFFF, 0x1_0000, 0xF_FFFF, 0x10_FFFF].compactMap(
      UnicodeScalar.init)
    {
      let text = String(repeating: Character(scalar), count: 9)
      #expect(try "{\"a\":{\"S\":\"\(text)\"}}".item()["a"] == .string(text))
    }
  }

  @Test func countsLevels() throws {
    func nested(_ levels: Int, _ open: String, _ close: String, _ inner: String) -> String {
      #"{"v":"# + String(repeating: open, count: levels) + inner + String(repeating: close, count: levels) + "}"
    }
    for (open, close) in [(#"{"L":["#, "]}"), (#"{"M":{"k":"#, "}}")] {
      for inner in [#"{"S":"x"}"#, #"{"SS":["x"]}"#] {
        #expect(refusal(Array(nested(31, open, close, inner).utf8)) == nil)
        #expect(ReferenceDecoder.item(Array(nested(31, open, close, inner).utf8)) != nil)
        #expect(refusal(Array(nested(32, open, close, inner).utf8))?.code == .tooDeep)
        let value = nested(31, open, close, inner).dropFirst(5).dropLast()
        #expect(try AttributeValue(wire: String(value).utf8.span) == nested(31, open, close, inner).item()["v"])
        #expect(throws: DynamoDBModelError.self) { try AttributeValue(wire: (open + value + close).utf8.span) }
      }
      #expect(refusal(Array(nested(30, open, close, #"{"L":[]}"#).utf8)) == nil)
      #expect(refusal(Array(nested(31, open, close, #"{"L":[]}"#).utf8))?.code == .tooDeep)
    }
    #expect(refusal(Array(String(repeating: #"{"a":{"M":"#, count: 100_000).utf8))?.code == .tooDeep)
  }

  @Test func errorsHoldNoData() {
    for (text, _, _) in Self.cases {
      guard let error = refusal(Array(text.replacing("x", with: "secret").utf8)) else { continue }
      #expect(!"\(error)".contains("secret"))
      #expect(error.description.contains(error.message) && error.description.contains("\(error.code)"))
    }
  }
}
