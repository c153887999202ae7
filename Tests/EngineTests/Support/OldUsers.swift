import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import Glibc
import Testing

/// Items as `users.yaml` expects them in OLD, awkward in every way that can be converted; the same for the same seed.
enum OldUsers {
  static let keys = KeySchema(hash: .init("id", .string))

  /// The mapping of the repository's own file.
  static func mapping() throws -> CompiledMapping {
    try CompiledMapping(yaml: Array(Tool.text(of: Tool.mapping("users.yaml")).utf8), file: "users.yaml")
  }

  static func item(_ number: Int, _ generator: inout SeededGenerator) -> Item {
    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
    var item: Item = ["id": .string("u-\(number)")]
    var profile: AttributeMap = [:]
    if chance(90) { profile["email"] = .string("user\(number)@example.com") }
    if chance(80) { profile["age"] = .string("\(Int.random(in: 0...120, using: &generator))") }
    if chance(80) { profile["created"] = .number(DynamoDBNumber(Int.random(in: 0...4_000_000_000, using: &generator))) }
    if chance(30) { profile["note \"\u{1F600}\\"] = .list([.null, .bool(chance(50)), .map(["deep": .binary([0, 255])])]) }
    if chance(95) { item["profile"] = .map(profile) }
    if chance(70) { item["enabled"] = .string(chance(50) ? "Y" : "N") }
    if chance(50) { item["phone"] = .string("+49 \(number)") }
    if chance(30) { item["expires"] = .number(DynamoDBNumber(2_000_000_000 + number)) }
    if chance(40) { item["tags"] = .stringSet(["ü", "b", "\(number)"]) }
    if chance(40) { item["bio"] = .string(String(repeating: "Ж\n", count: Int.random(in: 0...200, using: &generator))) }
    return item
  }

  /// Puts `count` items into `table`; returns them.
  static func seed(_ client: DynamoDBClient, _ table: String, count: Int, seed: UInt64) async throws -> [Item] {
    var generator = SeededGenerator(seed: seed)
    let items = (0..<count).map { item($0, &generator) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<8 {
        group.addTask {
          for place in stride(from: worker, to: count, by: 8) {
            _ = try await client.putItem(PutItemInput(tableName: table, item: items[place]))
          }
        }
      }
      try await group.waitForAll()
    }
    return items
  }
}
