/// Credentials from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary ones, `AWS_SESSION_TOKEN`.
///
/// `AWS_CREDENTIAL_EXPIRATION` says when they end, if anything does.
public struct EnvironmentCredentialProvider: CredentialProvider {
  // Read once and judged at once: the environment itself isn't kept, so nothing else of it can be printed either.
  private let found: Result<AWSCredentials, CredentialError>

  /// Reads the variables out of `environment`. An empty variable counts as not set, as every AWS SDK has it.
  public init(environment: [String: String]) {
    found = Result { () throws(CredentialError) in try Self.read(environment) }
  }

  /// The credentials the environment held.
  ///
  /// - Throws: `CredentialError`: `notFound` where neither key variable is set, `incomplete` naming the missing one where some are,
  ///   `malformed` naming the variable that can't be right.
  public func credentials() async throws(CredentialError) -> AWSCredentials { try found.get() }

  public func current() -> AWSCredentials? { try? found.get() }

  static func read(_ environment: [String: String]) throws(CredentialError) -> AWSCredentials {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let id = value("AWS_ACCESS_KEY_ID")
    let secret = value("AWS_SECRET_ACCESS_KEY")
    let token = value("AWS_SESSION_TOKEN")
    guard id != nil || secret != nil || token != nil else {
      throw CredentialError(
        .notFound, "There are no AWS credentials in the environment; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    }
    guard let id else { throw incomplete("AWS_ACCESS_KEY_ID", beside: secret == nil ? "AWS_SESSION_TOKEN" : "AWS_SECRET_ACCESS_KEY") }
    guard let secret else { throw incomplete("AWS_SECRET_ACCESS_KEY", beside: "AWS_ACCESS_KEY_ID") }
    try AWSCredentials.check(id, "access key id", readFrom: "AWS_ACCESS_KEY_ID")
    try AWSCredentials.check(secret, "secret access key", readFrom: "AWS_SECRET_ACCESS_KEY")
    if let token { try AWSCredentials.check(token, "session token", readFrom: "AWS_SESSION_TOKEN") }
    var end: Int64?
    if let text = value("AWS_CREDENTIAL_EXPIRATION") {
      end = milliseconds(ofISO8601: text)
      if end == nil {
        throw CredentialError(
          .malformed, "AWS_CREDENTIAL_EXPIRATION holds no time; give it as in 2026-01-31T12:00:00Z, or unset it.")
      }
    }
    return try AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiration: end)
  }

  private static func incomplete(_ missing: String, beside present: String) -> CredentialError {
    CredentialError(.incomplete, "\(present) is set but \(missing) is not; set \(missing) too, or unset \(present).")
  }
}
