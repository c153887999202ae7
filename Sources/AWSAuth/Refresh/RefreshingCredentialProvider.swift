internal import Synchronization

/// Keeps what it fetches and fetches it anew ahead of its end, once for all who wait.
package final class RefreshingCredentialProvider: CredentialProvider {
  /// What a fetch brings: credentials, and after how many milliseconds to look again although they don't say when they end.
  package typealias Fetched = (credentials: AWSCredentials, rereadAfter: Int64?)

  private struct State {
    var refresh = CredentialRefresh()
    var waiting: [Int: CheckedContinuation<Result<AWSCredentials, CredentialError>, Never>] = [:]
    var nextWaiter = 0
  }

  private let state = Mutex(State())
  private let wallClock: WallClock
  private let fetch: @Sendable () async throws(CredentialError) -> Fetched

  /// - Parameter fetch: must come to an end by itself; each fetch has limits of time.
  package init(wallClock: WallClock, fetch: @escaping @Sendable () async throws(CredentialError) -> Fetched) {
    self.wallClock = wallClock
    self.fetch = fetch
  }

  package func current() -> AWSCredentials? {
    let now = wallClock.now()
    return state.withLock { $0.refresh.current(at: now) }
  }

  package func refused() {
    let now = wallClock.now()
    state.withLock { $0.refresh.refused(at: now) }
  }

  package func credentials() async throws(CredentialError) -> AWSCredentials {
    let now = wallClock.now()
    switch state.withLock({ $0.refresh.ask(at: now) }) {
    case .use(let credentials): return credentials
    case .fail(let error): throw error
    case .useAndFetch(let credentials):
      beginFetch()
      return credentials
    case .fetch:
      // A place among those who wait comes first: the fetch may be over before anything else happens here.
      return try await wait { self.beginFetch() }
    case .wait: return try await wait {}
    }
  }

  /// Fetches in a task of its own: it is nobody's. The caller that happened to begin it may be cancelled, or be at its deadline, while others
  /// wait for the same.
  private func beginFetch() {
    Task(executorPreference: globalConcurrentExecutor) { [self] in
      let outcome: Result<AWSCredentials, CredentialError>
      do throws(CredentialError) {
        let fetched = try await fetch()
        let now = wallClock.now()
        outcome = state.withLock { $0.refresh.fetched(fetched.credentials, at: now, rereadAfter: fetched.rereadAfter) }
      } catch {
        let now = wallClock.now()
        outcome = state.withLock { .failure($0.refresh.failed(error, at: now)) }
      }
      let waiting = state.withLock { state in
        defer { state.waiting = [:] }
        return state.waiting.sorted { $0.key < $1.key }.map(\.value)
      }
      for continuation in waiting { continuation.resume(returning: outcome) }
    }
  }

  private func wait(_ begin: @Sendable () -> Void) async throws(CredentialError) -> AWSCredentials {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if Task.isCancelled || !state.refresh.isFetching { return true }
          state.waiting[id] = continuation
          return false
        }
        if isOver { continuation.resume(returning: Result<AWSCredentials, CredentialError>.failure(Self.cutShort)) }
        // Also where this caller was cancelled before it could wait: the fetch counts as under way since the question, and whoever asks
        // next waits for it.
        begin()
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: .failure(Self.cutShort))
    }
    // The fetch ended between the question and the place in the line: what it brought, or why it didn't, is there to be asked for.
    if case .failure(let error) = outcome, error.code == .cancelled, !Task.isCancelled { return try await credentials() }
    return try outcome.get()
  }

  private static let cutShort = CredentialError(.cancelled, "The wait for credentials was cancelled.")
}
