import AWSAuth
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RefreshingCredentialProviderTests {
  /// Fetches that wait until they are told how they end, and a clock that is set.
  final class Source: Sendable {
    let now = Atomic<Int64>(0)
    private let open = Mutex<[CheckedContinuation<Result<AWSCredentials, CredentialError>, Never>]>([])
    private let begun = Atomic<Int>(0)
    var fetches: Int { begun.load(ordering: .relaxed) }

    func provider() -> RefreshingCredentialProvider {
      RefreshingCredentialProvider(wallClock: WallClock { self.now.load(ordering: .relaxed) }) { () throws(CredentialError) in
        let outcome = await withCheckedContinuation { continuation in
          self.open.withLock { $0.append(continuation) }
          self.begun.wrappingAdd(1, ordering: .relaxed)
        }
        return (try outcome.get(), nil)
      }
    }

    /// Waits until so many fetches have begun.
    func waits(for count: Int) async { while fetches < count { await Task.yield() } }

    func end(_ outcome: Result<AWSCredentials, CredentialError>) {
      for continuation in open.withLock({ open in
        defer { open = [] }; return open
      }) { continuation.resume(returning: outcome) }
    }

    static func good(_ key: String, minutes: Int64) throws -> Result<AWSCredentials, CredentialError> {
      .success(try AWSCredentials(accessKeyID: key, secretAccessKey: "s", expiration: minutes * 60_000))
    }
  }

  @Test func `a hundred who ask at once are one fetch`() async throws {
    let source = Source()
    let provider = source.provider()
    let keys = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<100 { group.addTask { try await provider.credentials().accessKeyID } }
      await source.waits(for: 1)
      for _ in 0..<200 { await Task.yield() }
      source.end(try Source.good("A", minutes: 60))
      return try await group.reduce(into: [String]()) { $0.append($1) }
    }
    #expect(keys == Array(repeating: "A", count: 100) && source.fetches == 1)
    #expect(provider.current()?.accessKeyID == "A")
  }

  @Test func `whoever began the fetch may leave, and the others get what it brings`() async throws {
    let source = Source()
    let provider = source.provider()
    try await withThrowingTaskGroup(of: String.self) { group in
      try await withThrowingTaskGroup(of: Void.self) { first in
        first.addTask {
          let error = await #expect(throws: CredentialError.self) { try await provider.credentials() }
          #expect(error?.code == .cancelled)
        }
        await source.waits(for: 1)
        group.addTask { try await provider.credentials().accessKeyID }
        first.cancelAll()
        try await first.waitForAll()
      }
      source.end(try Source.good("A", minutes: 60))
      #expect(try await group.next() == "A")
      #expect(source.fetches == 1)
    }
  }

  @Test func `a caller cancelled before it asks leaves no fetch that never ends`() async throws {
    let source = Source()
    let provider = source.provider()
    let isCancelled = await withTaskGroup(of: Bool.self) { group in
      group.cancelAll()
      group.addTask {
        do throws(CredentialError) {
          _ = try await provider.credentials()
          return false
        } catch {
          return error.code == .cancelled
        }
      }
      return await group.next() == true
    }
    #expect(isCancelled)
    // Begun for whoever comes next, though the one who asked has left.
    #expect(source.fetches <= 1)
    async let next = provider.credentials()
    await source.waits(for: 1)
    source.end(try Source.good("A", minutes: 60))
    #expect(try await next.accessKeyID == "A" && source.fetches == 1)
  }

  @Test func `nobody waits for an early fetch, and its failure is nobody's`() async throws {
    let source = Source()
    let provider = source.provider()
    async let first = provider.credentials()
    await source.waits(for: 1)
    source.end(try Source.good("A", minutes: 60))
    #expect(try await first.accessKeyID == "A")
    source.now.store(46 * 60_000, ordering: .relaxed)
    #expect(provider.current() == nil)
    #expect(try await provider.credentials().accessKeyID == "A")
    await source.waits(for: 2)
    #expect(provider.current()?.accessKeyID == "A")
    #expect(try await provider.credentials().accessKeyID == "A")
    source.end(.failure(CredentialError(.unreachable, "x")))
    // Known by now: nothing is under way any more.
    while provider.current() != nil { await Task.yield() }
    #expect(try await provider.credentials().accessKeyID == "A")
    // Half a minute later it is tried again, beside the calls once more.
    source.now.store(47 * 60_000, ordering: .relaxed)
    while source.fetches < 3 {
      #expect(try await provider.credentials().accessKeyID == "A")
      await Task.yield()
    }
    source.end(try Source.good("B", minutes: 120))
    while provider.current()?.accessKeyID != "B" { await Task.yield() }
  }

  @Test func `a failure reaches all who wait`() async throws {
    let source = Source()
    let provider = source.provider()
    let codes = await withTaskGroup(of: CredentialError.Code?.self) { group in
      for _ in 0..<10 {
        group.addTask {
          do throws(CredentialError) {
            _ = try await provider.credentials()
            return nil
          } catch {
            return error.code
          }
        }
      }
      await source.waits(for: 1)
      for _ in 0..<50 { await Task.yield() }
      source.end(.failure(CredentialError(.denied, "x")))
      return await group.reduce(into: [CredentialError.Code?]()) { $0.append($1) }
    }
    #expect(codes == Array(repeating: .denied, count: 10) && source.fetches == 1)
  }
}
