import AWSAuth
import DynamoDBClient
import DynamoDBModel
import Synchronization
import TestSupport
import Testing

/// A call against refusals of what it was signed with.
@Suite struct RenewalTests {
  private static let get = GetItemInput(tableName: "t", key: ["id": .string("a")])
  private static let wrong = #"{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired"}"#
  /// `TestClient`'s clock stands at 2023-11-14 22:13:20.
  private static let early: ScriptedTransport.Step = .answer(400, wrong, fields: ["Date: Tue, 14 Nov 2023 23:13:20 GMT"])
  private static let rightNow: ScriptedTransport.Step = .answer(400, wrong, fields: ["Date: Tue, 14 Nov 2023 22:14:20 GMT"])

  @Test func aWrongDateIsSignedAgain() async throws {
    let test = try TestClient([Self.early, .answer(200, "{}"), .answer(200, "{}")])
    _ = try await test.client.getItem(Self.get)
    _ = try await test.client.putItem(PutItemInput(tableName: "t", item: ["id": .string("a")]))
    let dates = test.transport.sent.map { $0.head.split(separator: "\r\n").first { $0.hasPrefix("x-amz-date") } ?? "" }
    #expect(dates == ["x-amz-date: 20231114T221320Z", "x-amz-date: 20231114T231320Z", "x-amz-date: 20231114T231320Z"])
    #expect(test.clock.sleeps.isEmpty && test.client.wallClock.now() == 1_700_003_600_000)
    // The bulk paths' signers have the same clock.
    #expect(test.client.serviceClock.corrections == 1)
  }

  /// What follows refusals: how many requests are sent, and whether the call succeeds.
  @Test(
    arguments: [
      ([early, early], 2, false), ([rightNow], 1, false), ([refusal("AccessDeniedException")], 1, false),
      ([refusal("ThrottlingException"), early], 3, true), ([early, refusal("ThrottlingException")], 3, true),
      ([early, rightNow], 2, false), ([refusal("ExpiredTokenException")], 1, false),
    ] as [([ScriptedTransport.Step], Int, Bool)]) func refusals(_ steps: [ScriptedTransport.Step], _ sent: Int, _ succeeds: Bool)
    async throws
  {
    let test = try TestClient(steps + [.answer(200, "{}")])
    let error = await failure { () throws(DynamoDBError) in try await test.client.getItem(Self.get) }
    #expect((error == nil) == succeeds && test.transport.sent.count == sent)
    #expect(error == nil || error?.attempts == sent)
  }

  @Test func aCallThatIsOneRequestIsNotSignedAgain() async throws {
    let test = try TestClient([Self.early, .answer(200, "{}")])
    let error = await failure { () throws(DynamoDBError) in try await test.client.getItem(Self.get, options: CallOptions(resend: .never)) }
    #expect(error?.code == .invalidSignature && test.transport.sent.count == 1)
    // The next call has it right all the same.
    _ = try await test.client.getItem(Self.get)
  }

  @Test(arguments: ["ExpiredTokenException", "ExpiredToken"]) func expiredCredentialsAreReadAgain(_ code: String) async throws {
    let provider = Renewing()
    let test = try TestClient([refusal(code), .answer(200, "{}"), .answer(200, "{}")], credentials: provider)
    _ = try await test.client.getItem(Self.get)
    let keys = test.transport.sent.map { $0.head.contains("Credential=NEW/") }
    #expect(keys == [false, true] && test.clock.sleeps.isEmpty)
    _ = try await test.client.getItem(Self.get)
    #expect(test.transport.sent.last?.head.contains("Credential=NEW/") == true)
  }

  /// A program may print temporary keys without their end, and this machine's clock may be late.
  @Test func whatIsKeptAlthoughItHasEndedIsFetchedAnew() async throws {
    let (fetches, now) = (Fetches(), Fetches())
    let provider = RefreshingCredentialProvider(wallClock: WallClock { now.count.load(ordering: .relaxed) }) {
      () throws(CredentialError) in
      let number = fetches.count.wrappingAdd(1, ordering: .relaxed).newValue
      return (try AWSCredentials(accessKeyID: "KEY\(number)", secretAccessKey: "secret"), nil)
    }
    let transport = ScriptedTransport([
      .answer(200, "{}"), refusal("ExpiredTokenException"), .answer(200, "{}"), refusal("ExpiredTokenException"),
    ])
    let client = DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: "http://127.0.0.1:8000"), credentials: provider),
      transport: transport, wallClock: WallClock { 0 }, clock: ContinuousClock(), seed: 1)
    _ = try await client.getItem(Self.get)
    now.count.store(3_600_000, ordering: .relaxed)
    _ = try await client.getItem(Self.get)
    #expect(transport.sent.map { String($0.head.split(separator: "Credential=")[1].prefix(4)) } == ["KEY1", "KEY1", "KEY2"])
    // Fetched just now: whoever is refused with it has nothing better to wait for.
    let error = await failure { () throws(DynamoDBError) in try await client.getItem(Self.get) }
    #expect(error?.code == .expiredToken && fetches.count.load(ordering: .relaxed) == 2)
  }

  @Test func twoExpiriesEndTheCall() async throws {
    let test = try TestClient(
      [refusal("ExpiredTokenException"), refusal("ExpiredTokenException"), .answer(200, "{}")],
      credentials: Renewing(keys: ["A", "B", "C", "D"]))
    let error = await failure { () throws(DynamoDBError) in try await test.client.getItem(Self.get) }
    #expect(error?.code == .expiredToken && error?.attempts == 2)
  }
}

/// Hands out the keys one after the other, and the last one for good.
private final class Renewing: CredentialProvider {
  private let keys: Mutex<[String]>
  init(keys: [String] = ["OLD", "NEW"]) { self.keys = Mutex(keys) }

  func credentials() async throws(CredentialError) -> AWSCredentials {
    let key = keys.withLock { keys in keys.count > 1 ? keys.removeFirst() : keys[0] }
    return try AWSCredentials(accessKeyID: key, secretAccessKey: "secret")
  }
}

private final class Fetches: Sendable {
  let count = Atomic<Int64>(0)
}
