/// Where credentials come from; asked again for each run of requests, so that expiring ones can change while a process lives.
///
/// A provider that fetches keeps what it fetched, refreshes it 15 minutes before its end and hands nothing out in its last 10 minutes
/// without having tried: callers ask often and don't cache.
public protocol CredentialProvider: Sendable {
  /// The credentials to sign with now.
  ///
  /// Whoever asks may give up: the client does at the deadline of its call, whether this method ends then or not.
  ///
  /// - Throws: `CredentialError` where there are none.
  func credentials() async throws(CredentialError) -> AWSCredentials

  /// What `credentials()` would return without waiting for anything; nil where it has to wait, or might. Default: nil.
  ///
  /// A client asks before each request: a provider that has its credentials at hand saves it a task by saying so.
  func current() -> AWSCredentials?

  /// The service says that what this provider hands out has ended, whatever it says of its end itself. Default: nothing happens.
  ///
  /// A provider that keeps what it fetched fetches anew when it is asked next.
  func refused()
}

extension CredentialProvider {
  public func current() -> AWSCredentials? { nil }
  public func refused() {}
}

/// Hands out the credentials it was made with.
public struct StaticCredentialProvider: CredentialProvider {
  private let value: AWSCredentials

  /// Makes a provider of `credentials`.
  public init(_ credentials: AWSCredentials) {
    value = credentials
  }

  public func credentials() async throws(CredentialError) -> AWSCredentials { value }
  public func current() -> AWSCredentials? { value }
}
