import DynamoDBModel
import HTTPTransport
import Testing

@testable import DualTableVerify

@Suite struct KeyCodecTests {
  static let cases: [(KeySchema, Item)] = [
    (KeySchema(hash: .init("id", .string)), ["id": .string("é\u{0}\"")]),
    (KeySchema(hash: .init("p", .binary), range: .init("s", .number)), ["p": .binary([0, 255, 1]), "s": .number(DynamoDBNumber(-15))]),
    (KeySchema(hash: .init("n", .number), range: .init("s", .string)), ["n": .number(DynamoDBNumber(0)), "s": .string("x")]),
  ]

  @Test(arguments: cases)
  func `a canonical key gives the key back`(schema: KeySchema, key: Item) {
    var bytes = ByteBuffer()
    #expect(schema.appendCanonicalKey(of: key, to: &bytes))
    #expect(schema.key(canonical: bytes.span) == key)
    for length in 0..<bytes.count { #expect(schema.key(canonical: bytes.span.extracting(0..<length)) == nil) }
    bytes.append(0)
    #expect(schema.key(canonical: bytes.span) == nil)
  }
}
