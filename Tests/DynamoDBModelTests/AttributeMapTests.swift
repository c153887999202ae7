import DynamoDBModel
import HTTPTransport
import Testing

@Suite struct AttributeMapTests {
  /// Worked by hand from the service's documentation: names and values, `v` counts one byte itself.
  static let sizes: [(AttributeValue, Int)] = [
    ("", 0), ("abc", 3), ("é", 2), ("€", 3), ("😀", 4), ("\n", 1), (0, 1), (1, 2), (12, 2), (123, 3), (-12, 3), (100, 2), (.binary([]), 0),
    (.binary([1, 2, 3]), 3),
    (true, 1), (.null, 1), ([], 3), (["a"], 5), (["a", "bc"], 8), ([1, [], nil], 3 + 3 + 2 + 3 + 1), ([:], 3), (["ab": "a"], 7),
    (["k": ["l": 7]], 3 + 2 + 3 + 2 + 2),
    (.stringSet(["a", "bc"]), 3), (.numberSet([1, 23]), 4), (.binarySet([[1], [2, 3]]), 3),
  ]

  @Test(arguments: sizes) func countsSizes(_ value: AttributeValue, _ size: Int) throws {
    #expect(value.sizeInBytes == size)
    let item: Item = ["v": value, "näme": 1]
    #expect(item.sizeInBytes == 1 + size + 5 + 2)
    var tape = ItemTape()
    let bytes = Array(item.wire.utf8)
    _ = try tape.read(bytes.span)
    #expect(tape.sizeInBytes(bytes.span) == item.sizeInBytes)
    #expect(tape.sizeInBytes(of: 1, bytes.span) == size)
  }

  static let numberSizes: [(String, Int)] = [
    ("-0", 1), ("0.0", 1), ("1e100", 2), ("1.50", 2), ("-1.50", 3), ("0.00012", 2), ("99999999999999999999999999999999999999", 20),
    ("-99999999999999999999999999999999999999", 21), ("10000000000000000000000000000000000001", 20), ("1e-130", 2), ("123.4500", 4),
  ]

  @Test(arguments: numberSizes) func countsNumbers(_ text: String, _ size: Int) throws {
    #expect(AttributeValue.number(try DynamoDBNumber(text)).sizeInBytes == size)
  }

  @Test(arguments: [2_000, 409_600, 409_601]) func countsEscapesOnce(_ size: Int) throws {
    let text = "{\"p\":{\"S\":\"" + String(repeating: "\\n", count: 1_000) + String(repeating: "x", count: size - 1_001) + "\"}}"
    let bytes = Array(text.utf8)
    var tape = ItemTape()
    _ = try tape.read(bytes.span)
    #expect(tape.sizeInBytes(bytes.span) == size)
    #expect(try text.item().sizeInBytes == size)
  }

  @Test func keepsOrderAndFindsByBytes() throws {
    var map: AttributeMap = ["b": 1, "a": 2, "é": 3]
    #expect(map["e\u{301}"] == nil && map["é"] == 3)
    map["e\u{301}"] = 4
    map["a"] = "other"
    #expect(map.map(\.name).map { Array($0.utf8) } == ["b", "a", "é", "e\u{301}"].map { Array($0.utf8) })
    map["b"] = nil
    map["z"] = .null
    #expect(map.count == 4 && map.wire == #"{"a":{"S":"other"},"é":{"N":"3"},"é":{"N":"4"},"z":{"NULL":true}}"#)
    #expect(AttributeMap([(name: "a", value: 1), (name: "b", value: 2), (name: "a", value: 3)]).wire == #"{"a":{"N":"3"},"b":{"N":"2"}}"#)
  }

  @Test func growsBeyondAWalk() {
    var map = AttributeMap()
    var expected: [String] = []
    for number in 0..<100 {
      map["n\(number)"] = .number(DynamoDBNumber(number))
      expected.append("n\(number)")
    }
    for number in stride(from: 0, to: 100, by: 3) {
      map["n\(number)"] = nil
      expected.removeAll { $0 == "n\(number)" }
    }
    map["n1"] = "again"
    map["new"] = "new"
    #expect(map.names == expected + ["new"])
    #expect(map["n1"] == "again" && map["new"] == "new" && map["n3"] == nil && map["n98"] == 98)
  }

  static let equal: [(AttributeValue, AttributeValue)] = [
    (.stringSet(["a", "b"]), .stringSet(["b", "a"])), (.binarySet([[1], [2]]), .binarySet([[2], [1]])),
    (["a": 1, "b": 2], ["b": 2, "a": 1]),
    ([["a": 1, "b": 2]], [["b": 2, "a": 1]]),
  ]

  static let different: [(AttributeValue, AttributeValue)] = [
    ("é", "e\u{301}"), ("1", 1), ([1, 2], [2, 1]), ("YQ==", .binary([0x61])), (.stringSet(["é"]), .stringSet(["e\u{301}"])), (.null, false),
    (["a": 1], ["a": 1, "b": 2]), ([], [:]), (.stringSet(["1"]), .numberSet([1])), (["é": 1], ["e\u{301}": 1]), ("", .binary([])),
    (["x"], .stringSet(["x"])),
  ]

  @Test(arguments: equal) func comparesWithoutOrder(_ left: AttributeValue, _ right: AttributeValue) {
    #expect(left == right && left.hashValue == right.hashValue)
    #expect((["v": left] as Item).canonical == (["v": right] as Item).canonical)
  }

  @Test(arguments: different) func tellsApart(_ left: AttributeValue, _ right: AttributeValue) {
    #expect(left != right)
    #expect((["v": left] as Item).canonical != (["v": right] as Item).canonical)
  }
}
