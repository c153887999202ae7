import DynamoDBModel
import Foundation
import Testing

/// The model's own types in coders of others: DynamoDB JSON.
@Suite struct OtherCoderTests {
  static let values = [
    #"{"S":"é\n"}"#, #"{"N":"12345678901234567890123456789012345678"}"#, #"{"B":"AAH/"}"#, #"{"BOOL":false}"#, #"{"NULL":true}"#,
    #"{"L":[{"S":"a"},{"L":[]}]}"#, #"{"M":{"a":{"M":{}},"b":{"N":"1.50"}}}"#, #"{"SS":["a","b"]}"#, #"{"NS":["1","2"]}"#,
    #"{"BS":["","AQ=="]}"#,
  ]

  @Test(arguments: values) func thereAndBack(_ wire: String) throws {
    let value = try AttributeValue(wire: wire.utf8.span)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    let json = try encoder.encode(value)
    #expect(String(decoding: json, as: UTF8.self) == wire)
    let back = try JSONDecoder().decode(AttributeValue.self, from: json)
    #expect(back == value)
    #expect(back.description == wire)
    #expect(try JSONDecoder().decode(Item.self, from: Data("{\"a\":\(wire)}".utf8)) == ["a": value])
  }

  @Test(arguments: [
    #"{}"#, #"{"S":"a","N":"1"}"#, #"{"X":"a"}"#, #"{"S":1}"#, #"{"N":1}"#, #"{"N":"x"}"#, #"{"B":"A"}"#, #"{"NULL":false}"#, #"{"SS":[]}"#,
    #"{"SS":["a","a"]}"#, #"{"NS":["1","1.0"]}"#, #"{"BS":["AQ==","AQ=="]}"#, #"{"M":{"":{"S":"x"}}}"#, #"{"M":{"a":1}}"#, #"[]"#,
  ])
  func refused(_ json: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(AttributeValue.self, from: Data(json.utf8)) }
  }
}
