import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Testing

/// The repository's operations on values of a Codable type.
@Suite struct DualTableItemsTests {
  struct Account: Codable, Equatable {
    var id: String
    var v: Int
    var tags: Set<String>?
  }

  /// What doesn't read what the others write.
  struct Other: Codable {
    var id: String
    var name: String
  }

  /// Throws where it is encoded.
  struct Unencodable: Codable {
    var id = "n-a"
    var ratio = Double.nan
  }

  static let oldItem = DualTableRepositoryTests.oldItem
  static let key: Item = ["id": "n-a"]

  @Test("items(of:): reads what either table has", arguments: [true, false]) func gets(_ consistent: Bool) async throws {
    let bench = Bench(old: [Self.oldItem], new: [["id": "x-b", "v": 2, "tags": .stringSet(["t"])], ["id": "n-c", "_dt": 5]])
    let accounts = try bench.repository().items(of: Account.self)
    #expect(try await accounts.getItem(key: Self.key, consistentRead: consistent) == Account(id: "n-a", v: 1))
    #expect(bench.requests.allSatisfy { $0["ConsistentRead"]?.bool == consistent })
    #expect(try await accounts.getItem(key: ["id": "x-b"]) == Account(id: "x-b", v: 2, tags: ["t"]))
    #expect(try await accounts.getItem(key: ["id": "n-c"]) == nil)
    let all = try await accounts.batchGetItem(
      keys: ["n-a", "x-b", "n-c", "n-gone"].map { ["id": .string($0)] }, consistentRead: consistent)
    #expect(all.map(\.id).sorted() == ["n-a", "x-b"])
  }

  @Test("items(of:): writes, and returns the values that it is asked for") func writes() async throws {
    let bench = Bench(old: [Self.oldItem], new: [])
    let accounts = try bench.repository().items(of: Account.self)
    #expect(try await accounts.putItem(Account(id: "n-a", v: 2), returnValues: .allOld) == Account(id: "n-a", v: 1))
    let changed = try await accounts.updateItem(
      key: Self.key, updateExpression: "ADD #v :one", conditionExpression: "#v = :two", expressionAttributeNames: ["#v": "v"],
      expressionAttributeValues: [":one": 1, ":two": 2], returnValues: .allNew)
    #expect(changed == Account(id: "n-a", v: 3))
    #expect(try await accounts.deleteItem(key: Self.key, returnValues: .allOld) == Account(id: "n-a", v: 3))
    #expect(bench.stored("n-a")?["_dt"] != nil)
    #expect(try await accounts.putItem(Account(id: "n-a", v: 4)) == nil)
    #expect(bench.stored("n-a") == ["id": "n-a", "v": 4])
    try await accounts.batchWriteItem(puts: [Account(id: "n-b", v: 5), Account(id: "n-c", v: 6)], deletes: [Self.key])
    #expect(bench.stored("n-b") == ["id": "n-b", "v": 5])
    #expect(bench.stored("n-a")?["_dt"] != nil)
  }

  @Test("items(of:): a false condition tells the item where it was asked for") func tellsTheItem() async throws {
    let accounts = try Bench(old: [Self.oldItem], new: []).repository().items(of: Account.self)
    let error = await failure { () throws(DualTableError) in
      try await accounts.putItem(
        Account(id: "n-a", v: 2), conditionExpression: "attribute_not_exists(id)", returnValuesOnConditionCheckFailure: .allOld)
    }
    #expect(error?.code == .conditionFailed)
    #expect(error?.item == ["id": "n-a", "v": 1])
  }

  @Test("items(of:): what can't be encoded or decoded says so, and whether anything happened") func saysWhatItCannotTell() async throws {
    let bench = Bench(old: [Self.oldItem], new: [])
    let repository = try bench.repository()
    let unencodable = repository.items(of: Unencodable.self)
    let put = await failure { () throws(DualTableError) in try await unencodable.putItem(Unencodable()) }
    let batch = await failure { () throws(DualTableError) in try await unencodable.batchWriteItem(puts: [Unencodable()]) }
    #expect(put?.code == .unencodable && batch?.code == .unencodable)
    #expect(put?.cause is EncodingError)
    #expect(bench.asked.isEmpty)

    let others = repository.items(of: Other.self)
    let got = await failure { () throws(DualTableError) in try await others.getItem(key: Self.key) }
    let several = await failure { () throws(DualTableError) in try await others.batchGetItem(keys: [Self.key]) }
    #expect(got?.code == .undecodable && several?.code == .undecodable)
    #expect(got?.cause is DecodingError)
    #expect(got.map { "\($0)" }?.contains("n-a") == false)
    let replaced = await failure { () throws(DualTableError) in
      try await others.putItem(Other(id: "n-a", name: "x"), returnValues: .allOld)
    }
    #expect(replaced?.code == .undecodable)
    #expect(bench.stored("n-a") == ["id": "n-a", "name": "x"], "the put has happened")
  }

  @Test("items(of:): a batch that the service was too busy for is no success") func saysWhatIsLeft() async throws {
    let bench = Bench(old: [], new: [])
    bench.stayBusy("new", with: ["n-a"])
    let accounts = try bench.repository().items(of: Account.self)
    let once = CallOptions(retry: RetryPolicy(maximumAttempts: 1))
    #expect(
      await failure { () throws(DualTableError) in try await accounts.batchGetItem(keys: [Self.key], options: once) }?.code
        == .requestFailed)
    bench.stayBusy("new", with: ["n-a"])
    #expect(
      await failure { () throws(DualTableError) in
        try await accounts.batchWriteItem(puts: [Account(id: "n-a", v: 1)], options: once)
      }?.code == .outcomeUnknown)
  }

  @Test("items(of:): encoder and decoder are the service's own") func converts() async throws {
    struct Visit: Codable, Equatable {
      var id: String
      var at: Moment
    }
    struct Moment: Codable, Equatable { var seconds: Int }
    let conversions = DynamoDBConversions().adding(
      Moment.self, encode: { .number(DynamoDBNumber($0.seconds)) },
      decode: { $0.numberValue.flatMap { Int($0.text) }.map(Moment.init(seconds:)) })
    let bench = Bench(old: [], new: [])
    let visits = try bench.repository().items(
      of: Visit.self, encoder: DynamoDBEncoder(conversions: conversions), decoder: DynamoDBDecoder(conversions: conversions))
    let visit = Visit(id: "n-a", at: Moment(seconds: 60))
    try await visits.putItem(visit)
    #expect(bench.stored("n-a") == ["id": "n-a", "at": 60])
    #expect(try await visits.getItem(key: Self.key) == visit)
  }
}
