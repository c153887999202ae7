import DynamoDBModel
import HTTPTransport
import Testing

@Suite struct KeySchemaTests {
  static let schema = KeySchema(hash: .init("pk", .string), range: .init("sk", .number))

  @Test func takesTheKeyOutOfAnItem() throws {
    let item: Item = ["x": true, "sk": 7, "pk": "p", "y": ["pk": "other"]]
    #expect(Self.schema.key(of: item)?.wire == #"{"pk":{"S":"p"},"sk":{"N":"7"}}"#)
    #expect(Self.schema.attributes.map(\.name) == ["pk", "sk"])
    #expect(Self.schema.key(of: ["pk": "p"]) == nil && Self.schema.key(of: ["pk": 1, "sk": 7]) == nil)
    #expect(KeySchema(hash: .init("é", .string)) != KeySchema(hash: .init("e\u{301}", .string)))
  }

  static let refused: [(Item, DynamoDBModelError.Code?)] = [
    (["pk": "p", "sk": 0], nil), (["sk": 1], .keyMissing), (["pk": "p"], .keyMissing), (["pk": 1, "sk": 1], .keyWrongType),
    (["pk": "p", "sk": "1"], .keyWrongType),
    (["pk": .null, "sk": 1], .keyWrongType), (["pk": "", "sk": 1], .keyEmpty),
    (["pk": .string(String(repeating: "é", count: 1_024)), "sk": 1], nil),
    (["pk": .string(String(repeating: "x", count: 2_049)), "sk": 1], .keyTooLong),
  ]

  @Test(arguments: refused) func judgesKeys(_ item: Item, _ code: DynamoDBModelError.Code?) throws {
    let bytes = Array(item.wire.utf8)
    var tape = ItemTape()
    _ = try tape.read(bytes.span)
    guard let code else {
      _ = try Self.schema.validKey(of: item)
      return _ = try KeyReader(Self.schema).nodes(tape, bytes.span)
    }
    #expect { _ = try Self.schema.validKey(of: item) } throws: { ($0 as? DynamoDBModelError)?.code == code }
    #expect(throws: DynamoDBModelError.self) { try keyNodes(Self.schema, bytes) }
  }

  private func keyNodes(_ schema: KeySchema, _ bytes: [UInt8]) throws {
    var tape = ItemTape()
    _ = try tape.read(bytes.span)
    _ = try KeyReader(schema).nodes(tape, bytes.span)
  }

  @Test func judgesSortKeysByTheirOwnLength() throws {
    let schema = KeySchema(hash: .init("pk", .number), range: .init("sk", .binary))
    _ = try schema.validKey(of: ["pk": 1, "sk": .binary(Array(repeating: 0, count: 1_024))])
    for count in [0, 1_025] {
      let item: Item = ["pk": 1, "sk": .binary(Array(repeating: 0, count: count))]
      #expect(throws: DynamoDBModelError.self) { try schema.validKey(of: item) }
      #expect(throws: DynamoDBModelError.self) { try keyNodes(schema, Array(item.wire.utf8)) }
    }
  }

  /// However a key is written, its canonical bytes are the same on both paths.
  @Test func keysOnTheTapeAreTheItems() throws {
    let reader = KeyReader(Self.schema)
    for text in [#"{"sk":{"N":"1.0"},"pk":{"S":"a\/b"},"x":{"L":[]}}"#, #"{ "p\u006b" : {"S": "a/b"} , "sk":{ "N":"1e0" }}"#] {
      let bytes = Array(text.utf8)
      var tape = ItemTape()
      _ = try tape.read(bytes.span)
      var out = ByteBuffer()
      try reader.appendCanonicalKey(tape, bytes.span, to: &out)
      var fromItem = ByteBuffer()
      #expect(Self.schema.appendCanonicalKey(of: ["pk": "a/b", "sk": 1], to: &fromItem))
      #expect([UInt8](copying: out.span) == [UInt8](copying: fromItem.span))
      #expect(!Self.schema.appendCanonicalKey(of: ["pk": "a/b"], to: &fromItem))
    }
  }
}
