import AWSAuth
import Glibc
import HTTPTransport
import TestSupport

/// A home directory, a time and a network of which nothing is real.
struct SourceScene {
  /// 2026-11-21T09:00:00Z.
  static let now: Int64 = 1_795_251_600_000
  static let later = "2026-11-21T10:00:00Z"
  static let laterMilliseconds: Int64 = 1_795_255_200_000

  let folder = TemporaryDirectory()
  let clock = SteppedClock()
  var environment: [String: String] = [:]

  init(config: String = "", credentials: String = "", environment: [String: String] = [:]) throws {
    self.environment = environment
    self.environment["HOME"] = folder.path
    for part in ["", "/sso", "/sso/cache"] { _ = mkdir("\(folder.path)/.aws\(part)", 0o700) }
    if !config.isEmpty { try folder.write(".aws/config", Array(config.utf8)) }
    if !credentials.isEmpty { try folder.write(".aws/credentials", Array(credentials.utf8)) }
  }

  func surroundings(_ double: any HTTPTransport) -> CredentialSurroundings {
    CredentialSurroundings(environment: environment, wallClock: WallClock { Self.now }, clock: clock, transport: { _ in double })
  }

  func provider(_ double: any HTTPTransport = SourceDouble(.lost(.connect, mayHaveArrived: false)), profile: String? = nil)
    -> DefaultCredentialProvider
  {
    DefaultCredentialProvider(surroundings(double), profile: profile)
  }

  /// What the chain finds.
  func credentials(
    _ double: any HTTPTransport = SourceDouble(.lost(.connect, mayHaveArrived: false)), profile: String? = nil
  ) async throws(CredentialError) -> AWSCredentials {
    try await provider(double, profile: profile).credentials()
  }

  /// Why it finds nothing; nil where it finds something.
  func failure(
    _ double: any HTTPTransport = SourceDouble(.lost(.connect, mayHaveArrived: false)), profile: String? = nil
  ) async -> CredentialError? {
    do {
      _ = try await credentials(double, profile: profile)
      return nil
    } catch {
      return error
    }
  }

  /// An answer of STS.
  static func role(_ action: String = "AssumeRole", key: String = "ASIAROLE", end: String = later) -> String {
    """
    <?xml version="1.0"?>
    <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
      <\(action)Result><AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>
        <Credentials><AccessKeyId>\(key)</AccessKeyId><SecretAccessKey>secret/of&#x2B;role</SecretAccessKey>
          <SessionToken>token&amp;of==</SessionToken><Expiration>\(end)</Expiration></Credentials>
      </\(action)Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
    </\(action)Response>
    """
  }

  static func refusal(_ code: String, _ message: String = "said") -> String {
    "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>\(message)</Message></Error><RequestId>r</RequestId></ErrorResponse>"
  }
}
