import DualTable
import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Testing

struct Account: Codable, Equatable {
  var id: String
  var credit: Int
}

/// The listings of the article on transactions do what it says.
@Suite struct TransactionsListings {
  func pay(_ users: DualTableRepository, log: (String) -> Void) async throws -> [Item?] {
    let read = try await users.transactGetItems(
      .init(transactItems: [
        .init(tableName: "users-2", key: ["id": "u1"]), .init(tableName: "users-2", key: ["id": "u2"]),
      ]))

    do throws(DualTableError) {
      _ = try await users.transactWriteItems(
        .init(transactItems: [
          .init(
            tableName: "users-2", action: .update(key: ["id": "u1"], updateExpression: "ADD credit :less"),
            conditionExpression: "credit >= :price", expressionAttributeValues: [":less": -5, ":price": 5]),
          .init(
            tableName: "users-2", action: .update(key: ["id": "u2"], updateExpression: "ADD credit :price"),
            expressionAttributeValues: [":price": 5]),
        ]))
    } catch {
      guard error.code == .conditionFailed else { throw error }
      let places = error.cancellationReasons.indices.filter { error.cancellationReasons[$0] != nil }
      log("false are the conditions of the actions \(places)")
    }
    return read.responses
  }

  func values(_ users: DualTableRepository) async throws -> [Account?] {
    let accounts = users.items(of: Account.self)
    let both = try await accounts.transactGetItems(keys: [["id": "u1"], ["id": "u2"]])
    _ = try await users.transactWriteItems(.init(transactItems: [try accounts.putAction(Account(id: "u3", credit: 0))]))
    return both
  }

  @Test("Credit goes from one item to the other, as long as there is some; values of a type go in and come out")
  func listings() async throws {
    let simulator = DynamoDBSimulator()
    let client = simulator.client()
    for table in ["users", "users-2"] {
      _ = try await client.createTable(CreateTableInput(tableName: table, keys: KeySchema(hash: .init("id", .string))))
    }
    _ = try await client.putItem(.init(tableName: "users", item: ["id": "u1", "credit": 7]))
    let users = DualTableRepository(
      old: client, oldTable: "users", new: client, newTable: "users-2", mapping: SameItems(), phase: .fixed(.dualTable))
    var lines: [String] = []
    #expect(try await pay(users) { lines.append($0) } == [["id": "u1", "credit": 7], nil])
    #expect(lines.isEmpty)
    _ = try await pay(users) { lines.append($0) }
    #expect(lines == ["false are the conditions of the actions [0]"])
    #expect(try await values(users) == [Account(id: "u1", credit: 2), Account(id: "u2", credit: 5)])
    #expect(try await users.items(of: Account.self).transactGetItems(keys: [["id": "u3"]]) == [Account(id: "u3", credit: 0)])
    _ = try await client.putItem(.init(tableName: "users-2", item: ["id": "u4", "credit": "none"]))
    let error = await failure { () throws(DualTableError) in
      try await users.items(of: Account.self).transactGetItems(keys: [["id": "u4"]])
    }
    #expect(error?.code == .undecodable)
  }
}

/// A mapping that changes nothing.
private struct SameItems: TableMapping {
  let identity = "same"
  let oldSchema = KeySchema(hash: .init("id", .string))
  let newSchema = KeySchema(hash: .init("id", .string))

  func convert(_ item: Item) throws(ConversionError) -> [Item] { [item] }
  func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey }
}
