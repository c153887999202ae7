import DynamoDBModel
import HTTPTransport
import Testing

@Suite struct ScanPageReaderTests {
  struct Page: Equatable {
    var ids: [String] = []
    var last: String?
    var count: Int?
    var scanned: Int?
    var units: Double?
  }

  func read(_ text: String) throws -> Page {
    let bytes = Array(text.utf8)
    var tape = ItemTape()
    var reader = try ScanPageReader(bytes.span)
    var page = Page()
    while try reader.next(&tape, bytes.span) { page.ids.append(Item(tape, bytes.span)["id"]?.stringValue ?? "?") }
    #expect(try !reader.next(&tape, bytes.span))
    #expect(reader.itemsRead == page.ids.count)
    page.last = reader.lastEvaluatedKey.map { String(decoding: bytes[$0], as: UTF8.self) }
    (page.count, page.scanned, page.units) = (reader.count, reader.scannedCount, reader.capacityUnits)
    return page
  }

  static let members = [
    #""Items":[{"id":{"S":"a"}},{"id":{"S":"b"},"n":{"N":"1"}}]"#, #""Count":2"#, #""ScannedCount":3"#,
    #""LastEvaluatedKey":{"id":{"S":"b"}}"#,
    #""ConsumedCapacity":{"TableName":"t","CapacityUnits":0.5}"#, #""SomethingNew":{"a":[1,{"Items":[]},"x"],"b":null}"#,
  ]

  /// Every member at every place.
  @Test(arguments: 0..<6) func takesMembersInAnyOrder(_ turn: Int) throws {
    let turned = Array(Self.members[turn...] + Self.members[..<turn])
    let whole = Page(ids: ["a", "b"], last: #"{"id":{"S":"b"}}"#, count: 2, scanned: 3, units: 0.5)
    #expect(try read("{" + turned.joined(separator: ",") + "}") == whole)
    #expect(try read("{" + turned.reversed().joined(separator: ",") + "}") == whole)
    #expect(
      try read("{" + turned.joined(separator: ",").replacing(#""It"#, with: #""\u0049t"#).replacing("Key\"", with: "\\u004bey\"") + "}")
        == whole)
    #expect(try read(" {\n" + turned.joined(separator: " ,\r\n\t") + "\n} ") == whole)
  }

  @Test func takesEmptyPages() throws {
    #expect(try read("{}") == Page())
    #expect(try read(#"{"Items":[],"Count":0}"#) == Page(count: 0))
    #expect(try read(#"{"Items":[ ],"LastEvaluatedKey":{"id":{"S":"x"}}}"#) == Page(last: #"{"id":{"S":"x"}}"#))
    #expect(try read(#"{"Items":[ { } , {} ]}"#) == Page(ids: ["?", "?"]))
    #expect(try read(#"{"LastEvaluatedKey":{}}"#) == Page())
    #expect(try read(#"{"Count":"many","ConsumedCapacity":[]}"#) == Page())
  }

  @Test(arguments: ["1e300", "-1", "1e999", "1099511627777"]) func `what no page costs or holds isn't taken`(_ number: String) throws {
    let said = #"{"Count":9223372036854775807,"ScannedCount":-1,"ConsumedCapacity":{"CapacityUnits":\#(number)}}"#
    #expect(try read(said) == Page())
    #expect(try JSONValue(parsing: Array(number.utf8).span).units == nil)
  }

  static let refused: [(String, Int)] = [
    ("", 0), ("[]", 0), ("{", 1), (#"{"Items":[{"id":{"S":"a"}}"#, 26), (#"{"Items":[{"id":{"S":"a"}}{"#, 26),
    (#"{"Items":[{"id":{"S":"a"}},]}"#, 27),
    (#"{"Items":[,{"id":{"S":"a"}}]}"#, 10), (#"{"Items":{}}"#, 9), (#"{"Items":[{"id":{"S":"a"}}]]"#, 27), (#"{"Items":[]} {"#, 13),
    (#"{"Items":[]"#, 11),
    (#"{"Items":[],"Items":[]}"#, 13), (#"{"Items":[{"id":{"S":5}}]}"#, 21), (#"{"LastEvaluatedKey":null}"#, 20), (#"{"Count":}"#, 9),
    (#"{"New":tru}"#, 7),
    (#"{"New":[1,]}"#, 10), (#"{"New":"\x"}"#, 8), (#"{"Items":[],}"#, 12), (#"{"Items" []}"#, 9), (#"{Items:[]}"#, 1),
    (#"{"Items":[]"Count":1}"#, 11),
  ]

  @Test(arguments: refused) func refuses(_ text: String, _ offset: Int) {
    #expect { _ = try read(text) } throws: { ($0 as? DynamoDBModelError)?.offset == offset }
  }

  /// Cut anywhere, a page is refused: nothing less than the whole answer counts.
  @Test func refusesEveryPrefix() {
    let text = "{" + Self.members.joined(separator: ",") + "}"
    for length in 0..<text.utf8.count { #expect(throws: DynamoDBModelError.self) { try read(String(text.prefix(length))) } }
  }
}
