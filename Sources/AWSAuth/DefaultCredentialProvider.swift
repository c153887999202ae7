internal import HTTPTransport
internal import Synchronization

/// Credentials from wherever AWS's tools would find them, refreshed ahead of their end: what most services want.
///
/// It looks, in this order, for keys in the environment; a role that the profile assumes (`role_arn` with `source_profile` or
/// `credential_source`, in chains of any length); a role by web identity (`AWS_WEB_IDENTITY_TOKEN_FILE`, or the profile's); IAM Identity Center
/// by the token that `aws sso login` leaves; the shared credentials file; the profile's `credential_process`; the config file; the container's
/// service (`AWS_CONTAINER_CREDENTIALS_…`); and the instance metadata service, version 2 only. Once found they are refreshed at the same source.
/// Refreshes begin 15 minutes before the end and must have succeeded 10 minutes before it; calls wait only then, and never for more than one.
public struct DefaultCredentialProvider: CredentialProvider {
  private let provider: any CredentialProvider

  /// Makes a provider; it looks for credentials when it is first asked.
  ///
  /// - Parameters:
  ///   - environment: usually the process's; files are found by `HOME`, `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`.
  ///   - profile: the profile to use, in which case keys in the environment don't count. Default: what `AWS_PROFILE` names, else `default`.
  ///   - region: where roles are assumed, unless environment or profile set one. Default: `us-east-1`.
  public init(environment: [String: String], profile: String? = nil, region: String? = nil) {
    self.init(.system(environment: environment), profile: profile, region: region)
  }

  package init(_ surroundings: CredentialSurroundings, profile: String? = nil, region: String? = nil) {
    // Keys in the environment come first and stay what they are: there is nothing to wait for.
    if profile?.isEmpty != false, surroundings["AWS_CREDENTIAL_EXPIRATION"] == nil,
      let keys = try? EnvironmentCredentialProvider.read(surroundings.environment)
    {
      provider = StaticCredentialProvider(keys)
      return
    }
    let chain = CredentialChain(surroundings: surroundings, profile: profile, region: region)
    let foundAt = FoundAt()
    provider = RefreshingCredentialProvider(wallClock: surroundings.wallClock) { () throws(CredentialError) in
      let (credentials, source) = try await chain.load(only: foundAt.source.withLock { $0 })
      foundAt.source.withLock { $0 = source }
      // Tools that write temporary keys into the files often don't write when they end: a look a minute finds the next ones in time.
      let mayChange = credentials.expiration == nil && credentials.sessionToken != nil && [.credentialsFile, .configFile].contains(source)
      return (credentials, mayChange ? 60_000 : nil)
    }
  }

  /// The credentials to sign with now.
  ///
  /// - Throws: `CredentialError`, whose code says what kind of failure it is and whose message what to do.
  public func credentials() async throws(CredentialError) -> AWSCredentials { try await provider.credentials() }

  public func current() -> AWSCredentials? { provider.current() }

  public func refused() { provider.refused() }

  private final class FoundAt: Sendable {
    let source = Mutex<CredentialChain.Source?>(nil)
  }
}
