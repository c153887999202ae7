import DualTableMapping
import DynamoDBModel
import Foundation
import Testing

/// The mappings that the kit ships, on whole items.
@Suite struct ShippedMappingTests {
  @Test func usersMovesAndRetypes() throws {
    let old = try item(
      #"{"id":{"S":"u1"},"profile":{"M":{"email":{"S":"a@b"},"age":{"S":"42"},"created":{"N":"1700000000"},"x":{"L":[]}}},"#
        + #""enabled":{"S":"Y"},"phone":{"S":"1"},"more":{"NULL":true}}"#)
    let new = try item(
      #"{"id":{"S":"u1"},"profile":{"M":{"x":{"L":[]}}},"more":{"NULL":true},"active":{"BOOL":true},"age":{"N":"42"},"#
        + #""contact":{"M":{"phone":{"S":"1"}}},"createdAt":{"S":"2023-11-14T22:13:20Z"},"email":{"S":"a@b"},"schema":{"N":"2"}}"#)
    #expect(try shipped("users").convert(old) == [new])
  }

  func shipped(_ name: String) throws -> CompiledMapping {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Mappings/\(name).yaml")
    return try CompiledMapping(yaml: Array(try Data(contentsOf: file)), file: "\(name).yaml")
  }
}
