import DynamoDBModel
import Foundation
import Testing

/// What is refused, where, and in which words; never with the data.
@Suite struct CoderErrorTests {
  struct Order: Codable {
    var id: String
    var lines: [Line]
    var at: Date?
    struct Line: Codable { var quantity: Int8 }
  }
  struct Deep: Codable { var next: [Deep] }
  struct Tree: Codable { var next: AttributeValue? }

  struct Refusal: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let path: String
    let sentence: String
    let run: @Sendable () throws -> Void

    init(_ name: String, _ path: String, _ sentence: String, _ run: @escaping @Sendable () throws -> Void) {
      testDescription = name
      self.path = path
      self.sentence = sentence
      self.run = run
    }
  }

  static func encoding<Value: Encodable & Sendable>(_ value: Value, _ path: String, _ sentence: String) -> Refusal {
    Refusal("encode \(Value.self), \(sentence)", path, sentence) { _ = try DynamoDBEncoder().encode(["a": [value]]) }
  }

  static func decoding<Value: Decodable & SendableMetatype>(_ type: Value.Type, _ wire: String, _ path: String, _ sentence: String)
    -> Refusal
  {
    Refusal("decode \(type) from \(wire.prefix(80))", path, sentence) {
      _ = try DynamoDBDecoder().decodeValue(Value.self, from: try AttributeValue(wire: wire.utf8.span))
    }
  }

  static let range = "a number's magnitude is zero or lies between 1e-130 and 9.99e125"
  static let encodings = [
    encoding(Double.infinity, "a.0", "a number must be finite"), encoding(-Float.infinity, "a.0", "a number must be finite"),
    encoding(Double.nan, "a.0", "a number must be finite"), encoding(1e126, "a.0", range),
    encoding(Double.leastNonzeroMagnitude, "a.0", range),
    encoding(UInt128.max, "a.0", "a number has at most 38 significant digits"),
    encoding(Int128.min, "a.0", "a number has at most 38 significant digits"),
    encoding(Set<String>(), "a.0", "a set can't be empty, and only in a map can it be left out"),
    encoding(["": 1], "a.0", "an attribute name needs at least one character"),
    encoding(Date.distantPast, "a.0", "Date needs a conversion; add one to the coder's `conversions`"),
    encoding(Data(), "a.0", "Data needs a conversion; add one to the coder's `conversions`"),
    encoding(URL(filePath: "/"), "a.0", "URL needs a conversion; add one to the coder's `conversions`"),
    encoding(Decimal(1), "a.0", "Decimal needs a conversion; add one to the coder's `conversions`"),
    encoding(Set([Date.distantPast]), "a.0.0", "Date needs a conversion; add one to the coder's `conversions`"),
    encoding(
      EpochSeconds(wrappedValue: 5), "a.0", "Int is no type of moments; add it to the coder's `conversions` by `addingTimestamps`"),
    Refusal("an item that is none", "", "an item must be stored as a map") { _ = try DynamoDBEncoder().encode(7) },
    Refusal("beyond the calendar", "", "a moment must lie between the years 0 and 9999") {
      _ = try DynamoDBEncoder(conversions: conversions).encodeValue(Date.distantFuture.addingTimeInterval(1e12))
    },
    Refusal("no moment", "", "a moment must lie between the years 0 and 9999") {
      _ = try DynamoDBEncoder(conversions: conversions).encodeValue(Date(timeIntervalSince1970: .nan))
    },
  ]

  static let decodings = [
    decoding(Order.self, #"{"M":{"lines":{"L":[]}}}"#, "", "the attribute is missing"),
    decoding(Order.self, #"{"M":{"id":{"N":"1"},"lines":{"L":[]}}}"#, "id", "String takes S, found N"),
    decoding(Order.self, #"{"M":{"id":{"NULL":true},"lines":{"L":[]}}}"#, "id", "String takes S, found NULL"),
    decoding(Order.self, #"{"M":{"id":{"S":""},"lines":{"S":""}}}"#, "lines", "Array<AttributeValue> takes L, found S"),
    decoding(
      Order.self, #"{"M":{"id":{"S":""},"lines":{"L":[{"M":{"quantity":{"N":"1"}}},{"M":{"quantity":{"N":"128"}}}]}}}"#,
      "lines.1.quantity", "the number has a fraction, or is out of range for Int8"),
    decoding(
      Order.self, #"{"M":{"id":{"S":""},"lines":{"L":[]},"at":{"N":"1"}}}"#, "at",
      "Date needs a conversion; add one to the coder's `conversions`"),
    decoding(Order.self, #"{"L":[]}"#, "", "AttributeMap takes M, found L"),
    decoding(Int.self, #"{"N":"1.5"}"#, "", "the number has a fraction, or is out of range for Int"),
    decoding(Int.self, #"{"S":"1"}"#, "", "Int takes N, found S"), decoding(String.self, #"{"N":"1"}"#, "", "String takes S, found N"),
    decoding(UInt.self, #"{"N":"-1"}"#, "", "the number has a fraction, or is out of range for UInt"),
    decoding(Float.self, #"{"N":"1e39"}"#, "", "the number is out of range for Float"),
    decoding(Float.self, #"{"N":"1e-130"}"#, "", "the number is out of range for Float"),
    decoding(
      Double.self, #"{"N":"0.10000000000000001"}"#, "",
      "Double would round the number; take DynamoDBNumber, or let the decoder round (`allowsRounding`)"),
    decoding([String].self, #"{"SS":["a"]}"#, "", "Array<AttributeValue> takes L, found SS"),
    decoding(Set<String>.self, #"{"S":"a"}"#, "", "Set<String> takes a set, found S"),
    decoding(Set<String>.self, #"{"NS":["1"]}"#, "0", "String takes S, found N"),
    decoding(Set<String>.self, "{\"SS\":[\"\u{e9}\",\"e\u{301}\"]}", "", "two members are one in String"),
    decoding(Set<Double>.self, #"{"L":[{"N":"1"},{"N":"1.0"}]}"#, "", "two members are one in Double"),
    decoding([UInt8].self, #"{"L":[{"N":"1"}]}"#, "", "Array<UInt8> takes B, found L"),
  ]

  @Test(arguments: encodings + decodings) func refused(_ refusal: Refusal) throws {
    let context: (path: [any CodingKey], sentence: String, shown: String)
    do {
      try refusal.run()
      Issue.record("nothing was refused")
      return
    } catch EncodingError.invalidValue(let value, let found) {
      #expect(value as? Any.Type != nil)
      context = (found.codingPath, found.debugDescription, "\(value)")
    } catch DecodingError.dataCorrupted(let found), DecodingError.keyNotFound(_, let found), DecodingError.typeMismatch(_, let found),
      DecodingError.valueNotFound(_, let found)
    {
      context = (found.codingPath, found.debugDescription, "")
    }
    #expect(context.path.map(\.stringValue).joined(separator: ".") == refusal.path)
    #expect(context.sentence == refusal.sentence)
  }

  @Test func kindsOfErrors() {
    func kind(_ wire: String) -> String {
      do {
        _ = try DynamoDBDecoder().decode(Order.self, from: try Item(wire: wire.utf8.span))
        return "none"
      } catch DecodingError.keyNotFound(let key, _) {
        return "keyNotFound \(key.stringValue)"
      } catch DecodingError.valueNotFound(let type, _) {
        return "valueNotFound \(type)"
      } catch DecodingError.typeMismatch(let type, _) {
        return "typeMismatch \(type)"
      } catch {
        return "other"
      }
    }
    #expect(kind("{}") == "keyNotFound id")
    #expect(kind(#"{"id":{"NULL":true}}"#) == "valueNotFound String")
    #expect(kind(#"{"id":{"BOOL":true}}"#) == "typeMismatch String")
    #expect(kind(#"{"id":{"S":""},"lines":{"L":[]},"at":{"NULL":true}}"#) == "none")
  }

  @Test func nothingAndNull() throws {
    struct Loose: Codable, Equatable {
      var text: String?
      var value: AttributeValue?
    }
    let null: Item = ["text": nil, "value": nil]
    #expect(try DynamoDBDecoder().decode(Loose.self, from: null) == Loose(text: nil, value: .null))
    #expect(try DynamoDBDecoder().decode(Loose.self, from: [:]) == Loose(text: nil, value: nil))
    #expect(try DynamoDBEncoder().encode(Loose(text: nil, value: .null)) == ["value": nil])
  }

  @Test func roundingIsAsked() throws {
    var decoder = DynamoDBDecoder()
    decoder.allowsRounding = true
    #expect(try decoder.decodeValue(Double.self, from: .number(number("0.10000000000000001"))) == 0.1)
    #expect(
      try decoder.decodeValue(Float.self, from: .number(number("12345678901234567890"))) == Float(12_345_678_901_234_567_890 as UInt64))
    #expect(throws: DecodingError.self) { try decoder.decodeValue(Float.self, from: .number(number("1e39"))) }
    #expect(throws: DecodingError.self) { try decoder.decodeValue(Int.self, from: .number(number("1.5"))) }
  }

  @Test func nestedAsDeepAsTheServiceTakes() throws {
    func deep(_ levels: Int) -> Deep { Deep(next: levels == 1 ? [] : [deep(levels - 1)]) }
    // A level is a map and a list in it.
    let item = try DynamoDBEncoder().encode(deep(16))
    #expect(try Item(wire: item.description.utf8.span) == item)
    #expect(throws: EncodingError.self) { try DynamoDBEncoder().encode(deep(17)) }
    #expect(throws: EncodingError.self) { try DynamoDBEncoder().encode(deep(2_000)) }
    #expect(try DynamoDBDecoder().decode(Deep.self, from: item).next.count == 1)
  }

  /// What a conversion throws that isn't the coder's own passes through.
  @Test func errorsOfConversionsPass() {
    struct Own: Error {}
    let failing = DynamoDBConversions().adding(UUID.self, encode: { _ in throw Own() }, decode: { _ in throw Own() })
    #expect(throws: Own.self) { try DynamoDBEncoder(conversions: failing).encodeValue([UUID()]) }
    #expect(throws: Own.self) { try DynamoDBDecoder(conversions: failing).decodeValue([UUID].self, from: ["x"]) }
  }
}
