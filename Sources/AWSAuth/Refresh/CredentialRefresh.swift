/// When credentials that end are fetched anew: a pure value, told what happens and when.
///
/// From 15 minutes before their end on a fetch is tried beside the calls, which go on with what there is; from 10 minutes on every call waits
/// for one. Credentials of shorter lives are renewed at the half and, at the latest, two thirds of them. At most one fetch is under way.
package struct CredentialRefresh: Sendable {
  /// What whoever asks for credentials shall do.
  package enum Answer: Sendable {
    case use(AWSCredentials)
    /// Use these, and begin to fetch others, for which nobody waits.
    case useAndFetch(AWSCredentials)
    /// Wait for the fetch that is under way.
    case wait
    /// Begin to fetch, and wait for it.
    case fetch
    /// Nothing to be had: the last fetch failed just now.
    case fail(CredentialError)
  }

  /// Milliseconds before the end from which on a fetch is tried.
  static let advisory: Int64 = 15 * 60_000
  /// Milliseconds before the end from which on one must have succeeded.
  static let mandatory: Int64 = 10 * 60_000
  /// Milliseconds between a failed fetch that nobody waited for and the next.
  static let pause: Int64 = 30_000
  /// Milliseconds for which a failure answers whoever asks again.
  static let grudge: Int64 = 1_000

  private var held: AWSCredentials?
  private var heldSince = Int64.min
  private var tryFrom = Int64.max
  private var waitFrom = Int64.max
  private var failure: (error: CredentialError, at: Int64)?
  /// True while a fetch is under way.
  package private(set) var isFetching = false

  package init() {}

  /// The credentials that can be used without more ado; nil where somebody has to do or to wait for something.
  package func current(at now: Int64) -> AWSCredentials? {
    guard let held, now < tryFrom || isFetching && now < waitFrom else { return nil }
    return held
  }

  /// Somebody asks for credentials.
  ///
  /// - Parameter now: milliseconds since 1970 UTC.
  package mutating func ask(at now: Int64) -> Answer {
    if let held {
      if now < tryFrom { return .use(held) }
      if now < waitFrom {
        if isFetching || failure.map({ now - $0.at < Self.pause }) == true { return .use(held) }
        isFetching = true
        return .useAndFetch(held)
      }
    }
    if isFetching { return .wait }
    // Many ask at once when there is nothing: the source isn't asked again for each of them.
    if let failure, now - failure.at < Self.grudge { return .fail(failure.error) }
    isFetching = true
    return .fetch
  }

  /// The fetch has brought these.
  ///
  /// - Parameter rereadAfter: milliseconds after which they are fetched anew although they don't say that they end; nil: never.
  /// - Returns: what those who wait get: an error where the credentials have ended already.
  package mutating func fetched(
    _ credentials: AWSCredentials, at now: Int64, rereadAfter: Int64? = nil
  ) -> Result<AWSCredentials, CredentialError> {
    if let end = credentials.expiration, end <= now {
      return .failure(
        failed(
          CredentialError(
            .expired, "The credentials that were found have ended already; renew them at their source, or check this machine's clock."),
          at: now))
    }
    isFetching = false
    failure = nil
    (held, heldSince) = (credentials, now)
    if let end = credentials.expiration {
      let rest = end - now
      tryFrom = end - min(Self.advisory, rest / 2)
      waitFrom = end - min(Self.mandatory, rest / 3)
    } else {
      tryFrom = rereadAfter.map { now + $0 } ?? .max
      waitFrom = .max
    }
    return .success(credentials)
  }

  /// The service says that what is held has ended: this machine's clock is wrong, or the credentials don't say when they end.
  ///
  /// Not of what was fetched just now: that is said of those before it, or nothing better is to be had.
  package mutating func refused(at now: Int64) {
    if held != nil && now - heldSince >= Self.pause { held = nil }
  }

  /// The fetch has failed; what is held stays, for as long as it may be used.
  @discardableResult
  package mutating func failed(_ error: CredentialError, at now: Int64) -> CredentialError {
    isFetching = false
    // A fetch that was cut off says nothing of the source.
    if error.code != .cancelled { failure = (error, now) }
    return error
  }
}
