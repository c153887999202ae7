import DynamoDBModel
import HTTPTransport
import Testing

@Suite struct JSONValueTests {
  @Test func readsEveryKind() throws {
    let text =
      #" {"n":null,"t":true,"f":false,"i":-12,"d":0.50e+1,"s":"a\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\","a":[1,[],{}],"o":{"k":"v"},"k":1,"k":2} "#
    let value = try JSONValue(parsing: text.utf8.span)
    #expect(value["n"] == .null && value["t"]?.bool == true && value["f"]?.bool == false)
    #expect(value["i"]?.integer == -12 && value["d"] == .number("0.50e+1") && value["d"]?.double == 5 && value["d"]?.integer == nil)
    #expect(value["s"]?.string == "aé😀/\u{8}\u{C}\n\r\t\"\\")
    #expect(value["a"]?.array?.count == 3 && value["a"]?[0]?.integer == 1 && value["a"]?[3] == nil && value["a"]?["x"] == nil)
    #expect(value["o"]?["k"]?.string == "v" && value["o"]?[0] == nil && value["missing"] == nil)
    #expect(value["k"]?.integer == 2)
    #expect(value.object?.map(\.name) == ["n", "t", "f", "i", "d", "s", "a", "o", "k", "k"])
  }

  static let refused: [(String, DynamoDBModelError.Code, Int)] = [
    ("", .truncated, 0), ("{", .truncated, 1), ("[1,]", .malformed, 3), ("[,1]", .malformed, 1), ("{\"a\"}", .malformed, 4),
    ("{\"a\":1,}", .malformed, 7),
    ("{a:1}", .malformed, 1), ("01", .trailingBytes, 1), ("-", .truncated, 1), ("+1", .malformed, 0), (".5", .malformed, 0),
    ("1.", .truncated, 2),
    ("1e", .truncated, 2), ("1.e5", .malformed, 2), ("nul", .malformed, 0), ("trux", .malformed, 0), ("NaN", .malformed, 0),
    ("[1 2]", .malformed, 3),
    ("\"a", .truncated, 2), ("\"\n\"", .controlCharacter, 1), ("\"\\q\"", .invalidEscape, 1), ("\"\\ud800\"", .loneSurrogate, 1),
    ("1 1", .trailingBytes, 2),
    ("[1}", .malformed, 2), ("{\"a\":1]", .malformed, 6), ("\u{FEFF}1", .malformed, 0),
  ]

  @Test(arguments: refused) func refuses(_ text: String, _ code: DynamoDBModelError.Code, _ offset: Int) {
    let bytes = Array(text.utf8)
    let wanted = DynamoDBModelError(code, at: offset)
    #expect { _ = try JSONValue(parsing: bytes.span) } throws: { $0 as? DynamoDBModelError == wanted }
    guard code != .trailingBytes else { return }
    #expect { _ = try JSONValue.end(bytes.span, at: 0) } throws: { $0 as? DynamoDBModelError == wanted }
  }

  @Test func boundsDepth() throws {
    func nested(_ depth: Int) -> [UInt8] { Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8) }
    #expect(try JSONValue.end(nested(128).span, at: 0) == 256)
    _ = try JSONValue(parsing: nested(128).span)
    #expect { _ = try JSONValue(parsing: nested(129).span) } throws: { ($0 as? DynamoDBModelError)?.code == .tooDeep }
    #expect { _ = try JSONValue.end(nested(100_000).span, at: 0) } throws: { ($0 as? DynamoDBModelError)?.code == .tooDeep }
  }

  @Test func writesStringsThatComeBack() throws {
    var all = String(String.UnicodeScalarView((0...0x2FF).compactMap(UnicodeScalar.init)))
    all += "\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}"
    for text in ["", "plain", all, String(repeating: "é\"", count: 20)] {
      var out = ByteBuffer()
      out.appendJSON(text)
      #expect(try JSONValue(parsing: out.span).string == text)
      for index in 0..<out.count { #expect(out[index] >= 0x20) }
    }
    var out = ByteBuffer()
    out.appendJSON("\u{0}\u{1F}\"\\\n/")
    #expect(String(copying: out.span) == #""\u0000\u001f\"\\\n/""#)
  }

  @Test(arguments: [0, 7, -7, 10, 1_234_567_890, Int.max, Int.min]) func writesIntegers(_ value: Int) {
    var out = ByteBuffer()
    out.appendDecimal(value)
    #expect(String(copying: out.span) == String(value))
  }

  @Test func walksMembers() throws {
    let bytes = Array(#" { "a" : [1,2] , "b":{"x":"}"},"c":"" } "#.utf8)
    var reader = try JSONObjectReader(bytes.span)
    var seen: [String] = []
    while let name = try reader.next(bytes.span) {
      let value = try reader.skip(bytes.span)
      seen.append(String(decoding: bytes[name], as: UTF8.self) + String(decoding: bytes[value], as: UTF8.self))
    }
    try reader.finish(bytes.span)
    #expect(seen == ["a[1,2]", #"b{"x":"}"}"#, #"c"""#])
  }

  @Test func base64ComesBack() {
    var random = Seeded(7)
    for count in 0..<100 {
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var text = ByteBuffer()
      Base64.appendEncoded(bytes.span, to: &text)
      #expect(text.count == (count + 2) / 3 * 4)
      #expect(Base64.fault(text.span, 0..<text.count) == nil)
      #expect(Base64.decodedCount(text.span, 0..<text.count) == count)
      var back = ByteBuffer()
      Base64.appendDecoded(text.span, 0..<text.count, to: &back)
      #expect([UInt8](copying: back.span) == bytes)
    }
  }
}
