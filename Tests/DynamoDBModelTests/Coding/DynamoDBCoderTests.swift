import DynamoDBModel
import Foundation
import Testing

/// What each Swift type is stored as, and that it comes back.
@Suite struct DynamoDBCoderTests {
  /// A value, what it is stored as, and a check of the way back, with the types forgotten.
  struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let stored: String
    let encode: @Sendable () throws -> AttributeValue
    let comesBack: @Sendable (AttributeValue) throws -> Bool

    init<Value: Codable & Equatable & Sendable>(_ value: Value, _ stored: String) {
      testDescription = "\(Value.self) as \(stored.prefix(60))"
      self.stored = stored
      encode = { try DynamoDBEncoder(conversions: conversions).encodeValue(value) }
      comesBack = { try DynamoDBDecoder(conversions: conversions).decodeValue(Value.self, from: $0) == value }
    }
  }

  enum Role: String, Codable { case admin, guest }
  enum Level: Int, Codable { case low = 1, high }
  struct Tag: Codable, Hashable { var name: String }
  enum Shape: Codable, Equatable {
    case none
    case circle(radius: Double)
    case box(Int, Int)
  }
  struct Nested: Codable, Equatable {
    var name: String
    var inner: Inner?
    struct Inner: Codable, Equatable { var values: [Int?] }
  }
  class Base: Codable {
    var id = "b"
    init() {}
  }
  final class Derived: Base {
    var more = 7
    private enum Keys: String, CodingKey { case more }
    override init() { super.init() }
    override func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Keys.self)
      try super.encode(to: container.superEncoder())
      try container.encode(more, forKey: .more)
    }
    required init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Keys.self)
      more = try container.decode(Int.self, forKey: .more)
      try super.init(from: try container.superDecoder())
    }
  }
  final class Inherited: Base {}

  static let scalars = [
    Row("", #"{"S":""}"#), Row("é\u{301}😀\"\n", #"{"S":"é́😀\"\n"}"#), Row(true, #"{"BOOL":true}"#), Row(false, #"{"BOOL":false}"#),
    Row(Int8.min, #"{"N":"-128"}"#), Row(UInt8.max, #"{"N":"255"}"#), Row(Int16.min, #"{"N":"-32768"}"#),
    Row(UInt16.max, #"{"N":"65535"}"#),
    Row(Int32.min, #"{"N":"-2147483648"}"#), Row(UInt32.max, #"{"N":"4294967295"}"#), Row(Int.min, #"{"N":"-9223372036854775808"}"#),
    Row(Int64.max, #"{"N":"9223372036854775807"}"#), Row(UInt64.max, #"{"N":"18446744073709551615"}"#),
    Row(UInt.max, #"{"N":"18446744073709551615"}"#),
    Row(Int128(-99_999_999_999_999_999_999_999_999_999_999_999_999), #"{"N":"-99999999999999999999999999999999999999"}"#),
    Row(UInt128(170_141_183_460_469_231_731_687_303_715_884_105_700), #"{"N":"170141183460469231731687303715884105700"}"#),
    Row(0.1, #"{"N":"0.1"}"#), Row(1.0, #"{"N":"1"}"#), Row(-0.0, #"{"N":"0"}"#), Row(Float(0.1), #"{"N":"0.1"}"#),
    Row(1.0 / 3.0, #"{"N":"0.3333333333333333"}"#), Row(1e125, #"{"N":"1e+125"}"#), Row(-1.5e-130, #"{"N":"-1.5e-130"}"#),
    Row(9_007_199_254_740_993.0, #"{"N":"9007199254740992.0"}"#), Row(Float(16_777_217), #"{"N":"16777216"}"#),
    Row(Float(3.4028235e38), #"{"N":"3.4028235e+38"}"#),
    Row([UInt8]([0, 1, 255]), #"{"B":"AAH/"}"#), Row([UInt8](), #"{"B":""}"#),
    Row(Role.admin, #"{"S":"admin"}"#), Row(Level.high, #"{"N":"2"}"#),
    Row(number("12345678901234567890123456789012345678"), #"{"N":"12345678901234567890123456789012345678"}"#),
    Row(number("1.50"), #"{"N":"1.50"}"#), Row(number("1E-130"), #"{"N":"1E-130"}"#),
  ]

  static let containers = [
    Row([1, 2], #"{"L":[{"N":"1"},{"N":"2"}]}"#), Row([String](), #"{"L":[]}"#), Row([nil, "a"], #"{"L":[{"NULL":true},{"S":"a"}]}"#),
    Row([[1], []], #"{"L":[{"L":[{"N":"1"}]},{"L":[]}]}"#), Row(["a": 1], #"{"M":{"a":{"N":"1"}}}"#),
    Row([7: "x"], #"{"M":{"7":{"S":"x"}}}"#), Row(["a": nil as Int?], #"{"M":{"a":{"NULL":true}}}"#), Row([String: Int](), #"{"M":{}}"#),
    Row([Role.admin: 1], #"{"L":[{"S":"admin"},{"N":"1"}]}"#),
    Row(Nested(name: "a", inner: nil), #"{"M":{"name":{"S":"a"}}}"#),
    Row(
      Nested(name: "a", inner: .init(values: [1, nil])),
      #"{"M":{"name":{"S":"a"},"inner":{"M":{"values":{"L":[{"N":"1"},{"NULL":true}]}}}}}"#),
    Row(Shape.none, #"{"M":{"none":{"M":{}}}}"#), Row(Shape.circle(radius: 0.5), #"{"M":{"circle":{"M":{"radius":{"N":"0.5"}}}}}"#),
    Row(Shape.box(1, 2), #"{"M":{"box":{"M":{"_0":{"N":"1"},"_1":{"N":"2"}}}}}"#),
    Row(1..<3, #"{"L":[{"N":"1"},{"N":"3"}]}"#),
    Row(["any": AttributeValue.stringSet(["b", "a"])], #"{"M":{"any":{"SS":["b","a"]}}}"#),
    Row(["map": ["x": .null] as AttributeMap], #"{"M":{"map":{"M":{"x":{"NULL":true}}}}}"#),
  ]

  static let sets = [
    Row(Set(["b", "a", "é"]), #"{"SS":["a","b","é"]}"#), Row(Set([10, 9, -1]), #"{"NS":["-1","9","10"]}"#),
    Row(Set([[2], [1, 1], []] as [[UInt8]]), #"{"BS":["","AQE=","Ag=="]}"#), Row(Set([0.5, 2]), #"{"NS":["0.5","2"]}"#),
    Row(Set([Role.guest, .admin]), #"{"SS":["admin","guest"]}"#), Row(Set([number("1.50")]), #"{"NS":["1.50"]}"#),
    Row(Set([Data([1])]), #"{"BS":["AQ=="]}"#), Row(Set([true, false]), #"{"L":[{"BOOL":false},{"BOOL":true}]}"#),
    Row(Set([Tag(name: "b"), Tag(name: "a")]), #"{"L":[{"M":{"name":{"S":"a"}}},{"M":{"name":{"S":"b"}}}]}"#),
  ]

  static let converted = [
    Row(Date(timeIntervalSince1970: 1_700_000_000.5), #"{"S":"2023-11-14T22:13:20.5Z"}"#),
    Row([Date(timeIntervalSince1970: -1)], #"{"L":[{"S":"1969-12-31T23:59:59Z"}]}"#),
    Row(Data([0, 1]), #"{"B":"AAE="}"#), Row(["d": Data()], #"{"M":{"d":{"B":""}}}"#),
    Row(Decimal(string: "123.45"), #"{"N":"123.45"}"#), Row(URL(string: "https://example.com/a?b"), #"{"S":"https://example.com/a?b"}"#),
    Row(UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F"), #"{"S":"E621E1F8-C36C-495A-93FC-0C247A3E6E5F"}"#),
  ]

  @Test(arguments: scalars + containers + sets + converted) func storedAndBack(_ row: Row) throws {
    let value = try row.encode()
    #expect(value.description == row.stored)
    #expect(try row.comesBack(value))
    // And from what the wire gives back.
    #expect(try row.comesBack(AttributeValue(wire: row.stored.utf8.span)))
  }

  @Test func inheritance() throws {
    let item = try DynamoDBEncoder().encode(Derived())
    #expect(item == ["super": ["id": "b"], "more": 7])
    #expect(try DynamoDBDecoder().decode(Derived.self, from: item).id == "b")
    #expect(try DynamoDBEncoder().encode(Inherited()) == ["id": "b"])
  }

  /// Every kind of container by hand, written to after others were begun.
  struct Manual: Codable, Equatable {
    var numbers = [1, 2]
    var text = "t"
    var deep: [[String]] = [["a"], []]

    enum Keys: String, CodingKey { case head, list, text, deep }

    init() {}

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Keys.self)
      var head = container.nestedContainer(keyedBy: Keys.self, forKey: .head)
      var list = container.nestedUnkeyedContainer(forKey: .list)
      try container.encodeNil(forKey: .text)
      var deep = container.superEncoder(forKey: .deep).unkeyedContainer()
      for number in numbers { try list.encode(number) }
      try list.encodeNil()
      var inList = list.nestedContainer(keyedBy: Keys.self)
      var last = list.superEncoder().singleValueContainer()
      try last.encode(list.count)
      try inList.encode(text, forKey: .text)
      try head.encode(text, forKey: .text)
      for texts in self.deep {
        var inner = deep.nestedUnkeyedContainer()
        for text in texts { try inner.encode(text) }
      }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Keys.self)
      text = try container.nestedContainer(keyedBy: Keys.self, forKey: .head).decode(String.self, forKey: .text)
      #expect(try container.decodeNil(forKey: .text))
      #expect(container.allKeys == [.head, .list, .text, .deep])
      var list = try container.nestedUnkeyedContainer(forKey: .list)
      numbers = [try list.decode(Int.self), try list.decode(Int.self)]
      #expect(try list.decodeNil())
      #expect(try list.nestedContainer(keyedBy: Keys.self).decode(String.self, forKey: .text) == text)
      #expect(try Int(from: list.superDecoder()) == 5)
      #expect(list.isAtEnd)
      var deep = try container.superDecoder(forKey: .deep).unkeyedContainer()
      self.deep = []
      while !deep.isAtEnd {
        var inner = try deep.nestedUnkeyedContainer()
        var texts: [String] = []
        while !inner.isAtEnd { texts.append(try inner.decode(String.self)) }
        self.deep.append(texts)
      }
    }
  }

  @Test func containersByHand() throws {
    let item = try DynamoDBEncoder().encode(Manual())
    #expect(
      item.description
        == #"{"head":{"M":{"text":{"S":"t"}}},"list":{"L":[{"N":"1"},{"N":"2"},{"NULL":true},{"M":{"text":{"S":"t"}}},{"N":"5"}]},"#
        + #""text":{"NULL":true},"deep":{"L":[{"L":[{"S":"a"}]},{"L":[]}]}}"#)
    #expect(try DynamoDBDecoder().decode(Manual.self, from: item) == Manual())
  }

  struct Session: Codable, Equatable {
    var id: String
    var began: Date
    @EpochSeconds var expires: Date?
    @EpochMilliseconds var touched: Date
    @ISO8601 var day = Date(timeIntervalSince1970: 86_400)
  }

  @Test func timestampsOfTheirOwn() throws {
    var session = Session(
      id: "s", began: Date(timeIntervalSince1970: 0.001), expires: Date(timeIntervalSince1970: 1.999),
      touched: Date(timeIntervalSince1970: -0.25))
    let item = try DynamoDBEncoder(conversions: conversions).encode(session)
    #expect(
      item == [
        "id": "s", "began": "1970-01-01T00:00:00.001Z", "expires": 1, "touched": -250, "day": "1970-01-02T00:00:00Z",
      ])
    session.expires = Date(timeIntervalSince1970: 1)
    #expect(try DynamoDBDecoder(conversions: conversions).decode(Session.self, from: item) == session)
    session.expires = nil
    let without = try DynamoDBEncoder(conversions: conversions).encode(session)
    #expect(without["expires"] == nil)
    #expect(try DynamoDBDecoder(conversions: conversions).decode(Session.self, from: without) == session)
    // Other coders store the value itself.
    let json = try JSONEncoder().encode(session)
    #expect(try JSONDecoder().decode(Session.self, from: json) == session)
  }

  @Test(
    arguments: [
      (DynamoDBTimestampFormat.epochSeconds, #"{"N":"1700000000"}"#, 1_700_000_000.0), (.epochSeconds, #"{"N":"1.7e9"}"#, 1_700_000_000),
      (.epochMilliseconds, #"{"N":"-1"}"#, -0.001), (.iso8601, #"{"S":"2023-11-14T23:13:20.500+01:00"}"#, 1_700_000_000.5),
      (.iso8601, #"{"S":"2023-11-14t22:13:20.500999z"}"#, 1_700_000_000.5), (.epochSeconds, #"{"N":"0.5"}"#, nil),
      (.epochSeconds, #"{"N":"1e30"}"#, nil), (.iso8601, #"{"S":"2023-02-30T00:00:00Z"}"#, nil), (.iso8601, #"{"N":"1"}"#, nil),
    ] as [(DynamoDBTimestampFormat, String, Double?)])
  func timestampsOfOthers(_ format: DynamoDBTimestampFormat, _ wire: String, _ seconds: Double?) throws {
    let decoder = DynamoDBDecoder(conversions: moments(as: format))
    let value = try AttributeValue(wire: wire.utf8.span)
    if let seconds {
      #expect(try decoder.decodeValue(Date.self, from: value) == Date(timeIntervalSince1970: seconds))
    } else {
      #expect(throws: DecodingError.self) { try decoder.decodeValue(Date.self, from: value) }
    }
  }

  struct Tags: Codable, Equatable {
    var tags: Set<String>
    var more: Set<Int>?
  }

  @Test func emptySetsAreNoAttribute() throws {
    #expect(try DynamoDBEncoder().encode(Tags(tags: [], more: [])) == [:])
    #expect(try DynamoDBDecoder().decode(Tags.self, from: [:]) == Tags(tags: [], more: nil))
    #expect(throws: EncodingError.self) { try DynamoDBEncoder().encode(["a": [Set<String>()]]) }
    #expect(throws: EncodingError.self) { try DynamoDBEncoder().encodeValue(Set<String>()) }
  }

  /// Every property of a wide map once, in the order of its keys or not: linear, where a walk or a copy a property would be quadratic.
  @Test func wideItems() throws {
    let wide = Dictionary(uniqueKeysWithValues: (0..<20_000).map { ("attribute \($0)", [$0]) })
    let item = try DynamoDBEncoder().encode(wide)
    #expect(item.count == 20_000)
    #expect(try DynamoDBDecoder().decode([String: [Int]].self, from: item) == wide)
    let (value, rest) = try DynamoDBDecoder().decodeTellingRest([String: [Int]].self, from: item)
    #expect(value == wide)
    #expect(rest.path == nil)
  }

  @Test func userInfoIsHandedOn() throws {
    struct Asking: Codable {
      static var key: CodingUserInfoKey? { CodingUserInfoKey(rawValue: "test") }
      var found: String
      init() { found = "" }
      init(from decoder: any Decoder) throws { found = Self.key.flatMap { decoder.userInfo[$0] as? String } ?? "nothing" }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Self.key.flatMap { encoder.userInfo[$0] as? String } ?? "nothing")
      }
    }
    var encoder = DynamoDBEncoder()
    encoder.userInfo[try #require(Asking.key)] = "handed"
    #expect(try encoder.encodeValue(Asking()) == "handed")
    var decoder = DynamoDBDecoder()
    decoder.userInfo = encoder.userInfo
    #expect(try decoder.decodeValue(Asking.self, from: .null).found == "handed")
  }
}

func moments(as format: DynamoDBTimestampFormat) -> DynamoDBConversions {
  DynamoDBConversions().addingTimestamps(Date.self, as: format, seconds: \.timeIntervalSince1970, make: Date.init(timeIntervalSince1970:))
}

/// What a service with Foundation would hand its coders.
let conversions = moments(as: .iso8601)
  .adding(Data.self, encode: { .binary(Array($0)) }, decode: { $0.binaryValue.map { Data($0) } })
  .adding(URL.self, encode: { .string($0.absoluteString) }, decode: { $0.stringValue.flatMap { URL(string: $0) } })
  .adding(
    Decimal.self, encode: { .number(try DynamoDBNumber("\($0)")) }, decode: { $0.numberValue.flatMap { Decimal(string: $0.text) } })

/// A number that is one.
func number(_ text: String) -> DynamoDBNumber { (try? DynamoDBNumber(text)) ?? 0 }
