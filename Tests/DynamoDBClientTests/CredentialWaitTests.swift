import AWSAuth
import DynamoDBClient
import DynamoDBModel
import Synchronization
import TestSupport
import Testing

/// Calls whose credentials don't come.
@Suite(.timeLimit(.minutes(1))) struct CredentialWaitTests {
  private static let get = GetItemInput(tableName: "t", key: ["id": .string("a")])

  /// Answers once, if at all, and then never; that its task is cancelled means nothing to it.
  private final class Hanging: CredentialProvider {
    private let state: Mutex<(answers: Int, asked: Int, kept: [CheckedContinuation<Void, Never>])>
    init(answers: Int = 0) { state = Mutex((answers, 0, [])) }
    deinit { for continuation in state.withLock({ $0.kept }) { continuation.resume() } }

    var asked: Int { state.withLock { $0.asked } }

    func credentials() async throws(CredentialError) -> AWSCredentials {
      let answers = state.withLock { state in
        state.asked += 1
        return state.asked <= state.answers
      }
      if !answers { await withCheckedContinuation { continuation in state.withLock { $0.kept.append(continuation) } } }
      return try AWSCredentials(accessKeyID: "A", secretAccessKey: "s")
    }
  }

  @Test func `a provider that hangs is cut off by the call's deadline`() async throws {
    let provider = Hanging()
    let test = try TestClient([.answer(200, "{}")], credentials: provider, retry: RetryPolicy(deadline: .seconds(7)))
    let error = await failure { () throws(DynamoDBError) in try await test.client.getItem(Self.get) }
    #expect(error?.code == .noCredentials && (error?.cause as? CredentialError)?.code == .timeout)
    #expect(test.transport.sent.isEmpty && test.clock.sleeps == [.seconds(7)] && provider.asked == 1)
  }

  @Test func `the deadline covers the wait between tries`() async throws {
    let provider = Hanging(answers: 1)
    let test = try TestClient([.failure(.refused), .answer(200, "{}")], credentials: provider, retry: RetryPolicy(deadline: .seconds(7)))
    let error = await failure { () throws(DynamoDBError) in try await test.client.getItem(Self.get) }
    #expect(error?.code == .noCredentials && test.transport.sent.count == 1)
    #expect(test.clock.sleeps.reduce(.zero, +) == .seconds(7))
  }

  @Test func `whoever is cancelled waits no longer`() async throws {
    let provider = Hanging()
    let client = DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: "http://127.0.0.1:8000"), credentials: provider),
      transport: ScriptedTransport([.answer(200, "{}")]), wallClock: WallClock { 0 }, clock: ContinuousClock(), seed: 1)
    let error = await withTaskGroup(of: DynamoDBError?.self) { group in
      group.addTask { await failure { () throws(DynamoDBError) in try await client.getItem(Self.get) } }
      while provider.asked == 0 { await Task.yield() }
      group.cancelAll()
      return await group.next() ?? nil
    }
    #expect(error?.code == .cancelled)
  }

  @Test func `a provider with its credentials at hand is asked for nothing else`() async throws {
    final class Ready: CredentialProvider {
      func credentials() async throws(CredentialError) -> AWSCredentials { throw CredentialError(.notFound, "asked") }
      func current() -> AWSCredentials? { try? AWSCredentials(accessKeyID: "A", secretAccessKey: "s") }
    }
    let test = try TestClient([.answer(200, "{}")], credentials: Ready())
    _ = try await test.client.getItem(Self.get)
    #expect(test.transport.sent.count == 1 && test.clock.sleeps.isEmpty)
  }
}
