package import AWSAuth
internal import DynamoDBModel
package import HTTPTransport
internal import Synchronization

/// Calls DynamoDB: typed requests in, typed answers out, signed, checked and tried again where that is safe.
///
/// One client serves any number of tasks at once and keeps connections between calls. Calls run on their caller's executor.
public final class DynamoDBClient: Sendable {
  /// Region and URL that requests go to.
  public let endpoint: DynamoDBEndpoint
  package let transport: any HTTPTransport
  package let timeouts: HTTPTimeouts
  package let wallClock: WallClock
  package let clock: any Clock<Duration>
  package let retry: RetryPolicy
  private let credentials: any CredentialProvider
  private let ownsTransport: Bool
  private let shared: Mutex<Shared>

  /// What all calls share.
  private struct Shared {
    var generator: SeededGenerator
    var quota = RetryQuota()
  }

  /// Makes a client on a transport that others may share; its owner shuts it down.
  ///
  /// - Parameters:
  ///   - wallClock: dates signatures.
  ///   - clock: measures deadlines and waits between tries.
  ///   - seed: of the waits' jitter.
  package init(
    configuration: Configuration, transport: any HTTPTransport, wallClock: WallClock, clock: any Clock<Duration>, seed: UInt64,
    ownsTransport: Bool = false
  ) {
    endpoint = configuration.endpoint
    credentials = configuration.credentials
    retry = configuration.retry
    timeouts = configuration.timeouts
    self.transport = transport
    self.wallClock = wallClock
    self.clock = clock
    self.ownsTransport = ownsTransport
    shared = Mutex(Shared(generator: SeededGenerator(seed: seed)))
  }

  /// Scheme, host and port of the endpoint.
  package var origin: HTTPOrigin { endpoint.origin }

  /// Closes the connections; calls in flight and later ones fail with `closed`.
  ///
  /// - Parameter grace: for how long tries in flight may go on first; none is begun meanwhile. Default: not at all.
  public func shutdown(grace: Duration = .zero) async {
    if ownsTransport { await transport.shutdown(grace: grace) }
  }

  /// Makes a signer of `operation`'s requests with the credentials that hold now.
  package func makeSigner(operation: DynamoDBOperation) async throws(DynamoDBError) -> RequestSigner {
    let current: AWSCredentials
    do {
      current = try await credentials.credentials()
    } catch {
      throw DynamoDBError(.noCredentials, error.message, cause: error)
    }
    // On loopback compressing costs both sides more than the bytes do.
    return RequestSigner(
      credentials: current, region: endpoint.region, origin: origin, target: operation.target, acceptsGzip: !origin.isLoopback)
  }

  /// Makes a text that no other call of this client has.
  func makeRequestToken() -> String {
    shared.withLock { String($0.generator.next(), radix: 16) + String($0.generator.next(), radix: 16) }
  }

  /// Sends a request and reads its answer as values.
  func send<Input: OperationInput>(_ input: Input, _ options: CallOptions) async throws(DynamoDBError) -> Input.Output {
    try await exchange(input, options) { (answer: inout HTTPAnswer) throws(DynamoDBError) in
      do throws(DynamoDBModelError) {
        return try Input.decode(answer.bodySpan)
      } catch {
        throw DynamoDBError(unreadable: answer, error)
      }
    }
  }

  /// Sends a request, again where policy and options let it, and hands its successful answer to `read`.
  func exchange<Body: RequestBody, Output: ~Copyable>(
    _ body: Body, _ options: CallOptions, read: @escaping (inout HTTPAnswer) throws(DynamoDBError) -> Output
  ) async throws(DynamoDBError) -> Output {
    try await exchange(body, options, on: clock, read: read)
  }

  private func exchange<Body: RequestBody, Output: ~Copyable, Time: Clock<Duration>>(
    _ body: Body, _ options: CallOptions, on clock: Time, read: @escaping (inout HTTPAnswer) throws(DynamoDBError) -> Output
  ) async throws(DynamoDBError) -> Output {
    let policy = options.retry ?? retry
    var progress = CallProgress(policy: policy, resend: options.resend, isWrite: Body.operation.isWrite)
    let began = clock.now
    while true {
      switch await attempt(body, within: policy.deadline - began.duration(to: clock.now), read: read) {
      case .success(let output):
        if policy.usesQuota { shared.withLock { $0.quota.succeeded(afterRetry: progress.hasRetried) } }
        return output
      case .failure(let error):
        let elapsed = began.duration(to: clock.now)
        let step = shared.withLock { shared in
          progress.failed(error, elapsed: elapsed, draw: shared.generator.next(), quota: &shared.quota)
        }
        switch step {
        case .fail(let error): throw error
        case .retry(let wait):
          do { try await clock.sleep(for: wait) } catch { throw progress.cancelled() }
        }
      }
    }
  }

  private func attempt<Body: RequestBody, Output: ~Copyable>(
    _ body: Body, within rest: Duration, read: @escaping (inout HTTPAnswer) throws(DynamoDBError) -> Output
  ) async -> Result<Output, DynamoDBError> {
    let call: OperationCall<Body, Output>
    do {
      call = OperationCall(body, try await makeSigner(operation: Body.operation), wallClock, read)
    } catch {
      return .failure(error)
    }
    var limits = timeouts
    limits.total = min(limits.total, rest)
    await transport.perform(call, at: origin, timeouts: limits)
    return call.finish()
  }
}
