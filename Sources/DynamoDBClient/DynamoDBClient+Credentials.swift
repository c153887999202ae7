internal import AWSAuth
internal import HTTPTransport
internal import Synchronization

extension DynamoDBClient {
  /// What signs now.
  ///
  /// - Parameter limit: how long the provider may take: what is left of the call's time.
  /// - Throws: `DynamoDBError` of code `noCredentials` or `cancelled`.
  func currentCredentials(within limit: Duration) async throws(DynamoDBError) -> AWSCredentials {
    if let ready = credentials.current() { return ready }
    let answer = FirstAnswer()
    // Neither task is this one's child: a provider that doesn't end when it is told to would hold up the call beyond its deadline.
    let loop = transport.loops[0]
    let asking = Task(executorPreference: loop) { [credentials] in
      do throws(CredentialError) {
        answer.give(.success(try await credentials.credentials()))
      } catch {
        answer.give(.failure(DynamoDBError(.noCredentials, error.message, cause: error)))
      }
    }
    defer { asking.cancel() }
    // A provider that had nothing to wait for after all has answered by now.
    if let answer = answer.given { return try answer.get() }
    let timing = Task(executorPreference: loop) { [clock] in
      guard (try? await clock.sleep(for: limit)) != nil else { return }
      let error = CredentialError(
        .timeout, "No credentials have come within the time that the call has; check their source, or give calls a longer deadline.")
      answer.give(.failure(DynamoDBError(.noCredentials, error.message, cause: error)))
    }
    defer { timing.cancel() }
    let outcome = await withTaskCancellationHandler {
      await answer.first
    } onCancel: {
      answer.give(.failure(.cancelled))
    }
    return try outcome.get()
  }
}

/// The first of several answers, for one who waits; the others are forgotten.
private final class FirstAnswer: Sendable {
  typealias Answer = Result<AWSCredentials, DynamoDBError>

  private enum State {
    case nothing
    case waiting(CheckedContinuation<Answer, Never>)
    case answered(Answer)
  }

  private let state = Mutex(State.nothing)

  var given: Answer? { state.withLock { if case .answered(let answer) = $0 { answer } else { nil } } }

  var first: Answer {
    get async {
      await withCheckedContinuation { continuation in
        let given: Answer? = state.withLock { state in
          if case .answered(let answer) = state { return answer }
          state = .waiting(continuation)
          return nil
        }
        if let given { continuation.resume(returning: given) }
      }
    }
  }

  func give(_ answer: Answer) {
    let waiting: CheckedContinuation<Answer, Never>? = state.withLock { state in
      switch state {
      case .answered: return nil
      case .waiting(let continuation):
        state = .answered(answer)
        return continuation
      case .nothing:
        state = .answered(answer)
        return nil
      }
    }
    waiting?.resume(returning: answer)
  }
}
