import AWSAuth
import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@Suite struct DynamoDBClientTests {
  static let get = GetItemInput(tableName: "t", key: ["id": .string("a")])
  static let put = PutItemInput(tableName: "t", item: ["id": .string("a")])

  @Test func requestOnTheWire() async throws {
    let test = try TestClient([.answer(200, "{}")])
    let output = try await test.client.getItem(Self.get)
    #expect(output.item == nil && output.consumedCapacity == nil)
    let sent = try #require(test.transport.sent.first)
    #expect(sent.body == #"{"TableName":"t","Key":{"id":{"S":"a"}}}"#)
    #expect(sent.head.hasPrefix("POST / HTTP/1.1\r\nhost: 127.0.0.1:8000\r\n"))
    #expect(sent.head.contains("\r\nx-amz-target: DynamoDB_20120810.GetItem\r\n"))
    #expect(sent.head.contains("Credential=AKIDEXAMPLE/20231114/eu-central-1/dynamodb/aws4_request"))
    #expect(sent.origin == HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 8_000))
    #expect(test.transport.sent.count == 1)
  }

  /// What the first try meets, and whether a second one follows, under each rule about resends.
  @Test(
    arguments: [
      (refusal("ThrottlingException"), true, true), (refusal("ProvisionedThroughputExceededException"), true, true),
      (.failure(.refused), true, true), (.failure(.reset), true, false), (.failure(.late), true, false),
      (refusal("InternalServerError", status: 500), true, false), (.answer(503, ""), true, false),
      (.answer(200, "{}", fields: ["x-amz-crc32: 1"]), true, false),
      (refusal("ThrottlingException", more: "!"), true, true),
      (refusal("ValidationException"), false, false), (refusal("ConditionalCheckFailedException"), false, false),
      (refusal("AccessDeniedException"), false, false), (.answer(200, "nonsense"), false, false), (.neverPulled, false, false),
      (.failure(HTTPTransportError(.cancelled, mayHaveArrived: true, "Cancelled.")), false, false),
    ] as [(ScriptedTransport.Step, Bool, Bool)]) func resendsOfWrites(_ step: ScriptedTransport.Step, _ always: Bool, _ careful: Bool)
    async throws
  {
    for (resend, again) in [(Resend.always, always), (.unlessOutcomeUnknown, careful), (.never, false)] {
      let test = try TestClient([step, .answer(200, "{}")])
      let error = await failure { () throws(DynamoDBError) in
        try await test.client.putItem(Self.put, options: CallOptions(resend: resend))
      }
      #expect((error == nil) == again, "\(resend)")
      #expect(test.transport.unused == (again ? 0 : 1), "\(resend)")
      #expect(test.clock.sleeps.count == (again ? 1 : 0), "\(resend)")
    }
  }

  @Test(arguments: [
    (ScriptedTransport.Step.failure(.reset), true), (.failure(.refused), false), (refusal("InternalServerError", status: 500), true),
    (.answer(200, "nonsense"), true), (.answer(200, "{}", fields: ["x-amz-crc32: 1"]), true), (refusal("ThrottlingException"), false),
    (refusal("ConditionalCheckFailedException"), false), (.neverPulled, false),
  ]) func outcomeUnknownOfOneTry(_ step: ScriptedTransport.Step, _ isUnknown: Bool) async throws {
    let write = try TestClient([step])
    let error = await failure { () throws(DynamoDBError) in try await write.client.putItem(Self.put, options: CallOptions(resend: .never)) }
    #expect(error?.outcomeUnknown == isUnknown && error?.attempts == 1)
    let read = try TestClient([step])
    let other = await failure { () throws(DynamoDBError) in try await read.client.getItem(Self.get, options: CallOptions(resend: .never)) }
    #expect(other?.outcomeUnknown == false)
  }

  @Test func refusalAfterLostAnswerIsUnknown() async throws {
    let test = try TestClient([.failure(.reset), refusal("ConditionalCheckFailedException")])
    let error = await failure { () throws(DynamoDBError) in try await test.client.putItem(Self.put) }
    #expect(error?.code == .conditionalCheckFailed && error?.outcomeUnknown == true && error?.attempts == 2)
    #expect(error?.description.contains("the write may have happened") == true)
  }

  @Test func refusalAfterRefusalIsKnown() async throws {
    let test = try TestClient([refusal("ThrottlingException"), .failure(.refused), refusal("ConditionalCheckFailedException")])
    let error = await failure { () throws(DynamoDBError) in try await test.client.putItem(Self.put) }
    #expect(error?.code == .conditionalCheckFailed && error?.outcomeUnknown == false && error?.attempts == 3)
  }

  @Test func lastErrorIsThrownWhenTriesEnd() async throws {
    let test = try TestClient(Array(repeating: .failure(.reset), count: 9))
    let error = await failure { () throws(DynamoDBError) in try await test.client.getItem(Self.get) }
    #expect(error?.code == .connectionLost && error?.attempts == 4 && test.transport.sent.count == 4)
    #expect(test.clock.sleeps.count == 3)
    for (sleep, longest) in zip(test.clock.sleeps, [25, 50, 100]) { #expect(sleep < .milliseconds(longest)) }
  }

  @Test func oneSeedOneRun() async throws {
    func sleeps(_ seed: UInt64) async throws -> [Duration] {
      let test = try TestClient(Array(repeating: refusal("ThrottlingException"), count: 9), seed: seed)
      _ = await failure { () throws(DynamoDBError) in try await test.client.getItem(Self.get) }
      return test.clock.sleeps
    }
    #expect(try await sleeps(1) == sleeps(1))
    #expect(try await sleeps(1) != sleeps(2))
  }

  @Test func deadlineCoversAllTries() async throws {
    let policy = RetryPolicy.bulk(deadline: .seconds(40))
    let test = try TestClient(Array(repeating: refusal("ThrottlingException"), count: 1_000), retry: policy)
    let error = await failure { () throws(DynamoDBError) in try await test.client.getItem(Self.get) }
    #expect(error?.code == .throttling)
    #expect(test.clock.sleeps.reduce(.zero, +) < .seconds(40))
    #expect(test.transport.sent.count == test.clock.sleeps.count + 1 && test.transport.sent.count > 3)
    // The last try has no more time than is left.
    let last = try #require(test.transport.sent.last)
    let elapsed = test.clock.sleeps.reduce(.zero, +)
    #expect(last.total == min(.seconds(30), .seconds(40) - elapsed))
  }

  @Test func quotaStopsRetriesOfAllCalls() async throws {
    let test = try TestClient(Array(repeating: .failure(.reset), count: 1_000))
    for _ in 0..<60 { _ = await failure { () throws(DynamoDBError) in try await test.client.getItem(Self.get) } }
    // 500 tokens at 5 a retry.
    #expect(test.transport.sent.count == 60 + 100)
  }

  @Test func everyTrySignsAnew() async throws {
    let hours = Mutex(Int64(0))
    let wallClock = WallClock {
      hours.withLock { hour in
        hour += 1
        return hour * 3_600_000
      }
    }
    let credentials = Rotating(["FIRST", "SECOND"])
    let test = try TestClient([.failure(.refused), .answer(200, "{}")], credentials: credentials, wallClock: wallClock)
    _ = try await test.client.getItem(Self.get)
    let heads = test.transport.sent.map(\.head)
    #expect(heads[0].contains("Credential=FIRST/19700101") && heads[0].contains("x-amz-date: 19700101T010000Z"))
    #expect(heads[1].contains("Credential=SECOND/19700101") && heads[1].contains("x-amz-date: 19700101T020000Z"))
  }

  @Test func credentialsEndingBetweenTries() async throws {
    let test = try TestClient([.failure(.reset), .answer(200, "{}")], credentials: Rotating(["FIRST"]))
    let error = await failure { () throws(DynamoDBError) in try await test.client.putItem(Self.put) }
    #expect(error?.code == .noCredentials && error?.cause is CredentialError && error?.outcomeUnknown == true)
    #expect(test.transport.sent.count == 1)
  }

  @Test func noCredentialsSendNothing() async throws {
    let test = try TestClient([.answer(200, "{}")], credentials: EnvironmentCredentialProvider(environment: [:]))
    let error = await failure { () throws(DynamoDBError) in try await test.client.putItem(Self.put) }
    #expect(error?.code == .noCredentials && error?.outcomeUnknown == false && test.transport.sent.isEmpty)
  }

  @Test func cancelledWhileItWaits() async throws {
    // Cancelled while its request is under way, the call comes to wait; the clock refuses to sleep in a cancelled task, as every clock does.
    let test = try TestClient([.failure(.reset), .answer(200, "{}")], onPull: { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } })
    let client = test.client
    let error = await withTaskGroup { group in
      group.addTask { await failure { () throws(DynamoDBError) in try await client.putItem(Self.put) } }
      return await group.next() ?? nil
    }
    #expect(error?.code == .cancelled && error?.outcomeUnknown == true && error?.attempts == 1 && test.transport.sent.count == 1)
  }

  @Test func largeAnswersAreReadTheSame() async throws {
    let text = String(repeating: "ü", count: 60_000)
    let test = try TestClient([.answer(200, #"{"Item":{"id":{"S":"\#(text)"}}}"#)])
    let output = try await test.client.getItem(Self.get)
    #expect(output.item == ["id": .string(text)])
  }

  @Test func lentTransportsStayOpen() async throws {
    let test = try TestClient([.answer(200, "{}")])
    await test.client.shutdown()
    #expect(!test.transport.isShutDown)
    _ = try await test.client.getItem(Self.get)
  }
}

/// Hands out each key once, then has none.
private final class Rotating: CredentialProvider {
  private let ids: Mutex<[String]>
  init(_ ids: [String]) { self.ids = Mutex(ids) }

  func credentials() async throws(CredentialError) -> AWSCredentials {
    guard let id = ids.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { throw CredentialError(.notFound, "All are used up.") }
    return try AWSCredentials(accessKeyID: id, secretAccessKey: "secret")
  }
}
