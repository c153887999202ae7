import DynamoDBModel
import Testing

/// What of an item a type didn't ask for.
@Suite struct UnreadAttributesTests {
  struct User: Decodable {
    var id: String
    var nick: String?
    var profile: Profile?
    var lines: [Line]?
    var counts: [String: Int]?
    var anything: AttributeValue?
    struct Profile: Decodable { var email: String? }
    struct Line: Decodable { var sku: String }
  }

  @Test(
    arguments: [
      (#""nick":{"NULL":true},"anything":{"M":{"x":{"S":""}}},"counts":{"M":{"a":{"N":"1"}}}"#, "", nil, nil),
      (#""profile":{"M":{"email":{"S":""}}},"lines":{"L":[{"M":{"sku":{"S":""}}}]}"#, "", nil, nil),
      (#""b":{"S":"1"},"a":{"L":[]}"#, #""b":{"S":"1"},"a":{"L":[]}"#, "b", nil),
      (#""profile":{"M":{"email":{"S":""},"x":{"N":"1"}}}"#, #""profile":{"M":{"x":{"N":"1"}}}"#, "profile.x", nil),
      (#""profile":{"M":{}}"#, "", nil, nil),
      (#""lines":{"L":[{"M":{"sku":{"S":""}}},{"M":{"sku":{"S":""},"gift":{"BOOL":true}}}]}"#, "", "lines[1].gift", "lines[1].gift"),
      ("\"\u{e9}\":{\"S\":\"1\"},\"e\u{301}\":{\"S\":\"2\"}", "\"\u{e9}\":{\"S\":\"1\"},\"e\u{301}\":{\"S\":\"2\"}", "\u{e9}", nil),
    ] as [(String, String, String?, String?)])
  func rest(_ attributes: String, _ rest: String, _ path: String?, _ pathInList: String?) throws {
    let item = try Item(wire: "{\"id\":{\"S\":\"1\"},\(attributes)}".utf8.span)
    let found = try DynamoDBDecoder().decodeTellingRest(User.self, from: item).rest
    #expect(found.attributes.description == "{\(rest)}")
    #expect(found.path == path)
    #expect(found.pathInList == pathInList)
  }
}
