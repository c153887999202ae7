import DynamoDBModel
import HTTPTransport
import Testing

@Suite struct WireTests {
  static let all = #"""
    {"id":{"S":"x"},"n":{"N":"1.50"},"b":{"B":"AAEC"},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},\#
    "l":{"L":[{"S":""},{"L":[]},{"M":{"k":{"N":"-0"}}}]},"m":{"M":{"a":{"S":"q\"\\\n\u0001é€😀"},"e":{"M":{}}}},\#
    "ss":{"SS":["b","a"]},"ns":{"NS":["1","2e1"]},"bs":{"BS":["","AA=="]}}
    """#

  @Test func readsAndWritesAllTypes() throws {
    let item = try Self.all.item()
    #expect(item.wire == Self.all)
    #expect(item.names == ["id", "n", "b", "t", "f", "z", "l", "m", "ss", "ns", "bs"])
    #expect(item["n"] == .number(try DynamoDBNumber("1.5")))
    #expect(item["n"]?.numberValue?.text == "1.50")
    #expect(item["b"] == .binary([0, 1, 2]))
    #expect(item["t"] == true && item["f"] == false && item["z"] == .null)
    #expect(item["l"] == ["", [], ["k": 0]])
    #expect(item["m"]?.mapValue?["a"] == "q\"\\\n\u{1}é€😀")
    #expect(item["ss"] == .stringSet(["a", "b"]))
    #expect(item["ns"] == .numberSet([20, 1]))
    #expect(item["bs"] == .binarySet([[0], []]))
  }

  @Test(arguments: [" ", "\n\t\r "]) func takesBlanksBetweenAllTokens(_ blank: String) throws {
    var spaced = ""
    var inText = false
    var wasBackslash = false
    for character in Self.all {
      if character == "\"" && !wasBackslash { inText.toggle() }
      wasBackslash = character == "\\" && !wasBackslash
      spaced += !inText && "{}[]:,".contains(character) ? blank + String(character) + blank : String(character)
    }
    #expect(try spaced.item() == Self.all.item())
    #expect(try spaced.item().wire == Self.all)
  }
}
