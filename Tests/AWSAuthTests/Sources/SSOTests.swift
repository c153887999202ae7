import HTTPTransport
import TestSupport
import Testing

@testable import AWSAuth

/// IAM Identity Center, against a double that is asked about each request.
@Suite struct SSOTests {
  static let config = """
    [profile new]
    sso_session = corp
    sso_account_id = 123456789012
    sso_role_name = Read Only
    [profile old]
    sso_start_url = https://corp.awsapps.com/start
    sso_region = eu-west-1
    sso_account_id = 123456789012
    sso_role_name = Admin
    [sso-session corp]
    sso_start_url = https://corp.awsapps.com/start
    sso_region = eu-central-1
    """
  static let credentials =
    #"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":\#(SourceScene.laterMilliseconds)}}"#

  /// Where AWS's command line keeps a token.
  static func cache(_ key: String) -> String { ".aws/sso/cache/\(SSOSession.sha1(key)).json" }

  static func token(_ text: String = "bearer", end: String = SourceScene.later, more: String = "") -> [UInt8] {
    Array(#"{"accessToken":"\#(text)","expiresAt":"\#(end)"\#(more)}"#.utf8)
  }

  @Test func `a file's name is a digest`() {
    #expect(SSOSession.sha1("corp") == "ee0bfd2552fbd840c02cc48b6e823320543c450f")
  }

  @Test func `takes the session's token to the portal`() async throws {
    let scene = try SourceScene(config: Self.config)
    try scene.folder.write(Self.cache("corp"), Self.token())
    let double = SourceDouble(.answer(200, Self.credentials))
    let found = try await scene.credentials(double, profile: "new")
    #expect(found.accessKeyID == "ASIASSO" && found.expiration == SourceScene.laterMilliseconds)
    #expect(
      double.requests == [
        .init(
          method: "GET",
          url: "https://portal.sso.eu-central-1.amazonaws.com/federation/credentials?role_name=Read%20Only&account_id=123456789012",
          fields: ["x-amz-sso_bearer_token": "bearer"])
      ])
  }

  @Test func `the form without a session has its token by the start URL`() async throws {
    let scene = try SourceScene(config: Self.config)
    try scene.folder.write(Self.cache("https://corp.awsapps.com/start"), Self.token(end: "2026-11-21T10:00:00UTC"))
    let double = SourceDouble(.answer(200, Self.credentials))
    #expect(try await scene.credentials(double, profile: "old").accessKeyID == "ASIASSO")
    #expect(
      double.requests.map(\.url) == [
        "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=Admin&account_id=123456789012"
      ])
  }

  static let renewable =
    #","clientId":"id","clientSecret":"quiet","refreshToken":"r1","registrationExpiresAt":"2027-01-01T00:00:00Z","region":"x""#

  @Test func `a token near its end is renewed, and kept where AWS's command line finds it`() async throws {
    let scene = try SourceScene(config: Self.config)
    try scene.folder.write(Self.cache("corp"), Self.token(end: "2026-11-21T09:10:00Z", more: Self.renewable))
    let double = SourceDouble(
      .answer(200, #"{"accessToken":"fresh","expiresIn":28800,"refreshToken":"r2","tokenType":"Bearer"}"#), .answer(200, Self.credentials))
    #expect(try await scene.credentials(double, profile: "new").accessKeyID == "ASIASSO")
    #expect(
      double.requests[0]
        == .init(
          method: "POST", url: "https://oidc.eu-central-1.amazonaws.com/token", fields: ["content-type": "application/json"],
          body: #"{"clientId":"id","clientSecret":"quiet","grantType":"refresh_token","refreshToken":"r1"}"#))
    #expect(double.requests[1].fields["x-amz-sso_bearer_token"] == "fresh")
    let kept = try scene.folder.text(Self.cache("corp"))
    #expect(
      kept.contains(#""accessToken":"fresh","expiresAt":"2026-11-21T17:00:00Z","refreshToken":"r2""#) && kept.contains(#""region":"x""#))
    #expect(!kept.contains("r1") && scene.folder.mode(Self.cache("corp")) == 0o600 && scene.folder.names(".aws/sso/cache").count == 1)
  }

  @Test func `a token that can't be renewed does for as long as it lasts`() async throws {
    let scene = try SourceScene(config: Self.config)
    let double = SourceDouble { request, _ in request.method == "POST" ? .answer(400, "{}") : .answer(200, Self.credentials) }
    try scene.folder.write(Self.cache("corp"), Self.token(end: "2026-11-21T09:10:00Z", more: Self.renewable))
    #expect(try await scene.credentials(double, profile: "new").accessKeyID == "ASIASSO")
    #expect(double.requests.map(\.method) == ["POST", "GET"] && double.requests[1].fields["x-amz-sso_bearer_token"] == "bearer")
  }

  @Test(
    arguments: [
      (.answer(400, #"{"error":"invalid_grant"}"#), .loginRequired, "has expired; run 'aws sso login"),
      (.answer(503, "{}"), .unreachable, "IAM Identity Center answers HTTP 503"),
      (.lost(.resolve, mayHaveArrived: false), .unreachable, "IAM Identity Center gives no credentials: nothing at https://oidc."),
    ] as [(SourceDouble.Answer, CredentialError.Code, String)])
  func `an expired token whose renewal gets no answer is no reason to sign in`(
    _ answer: SourceDouble.Answer, _ code: CredentialError.Code, _ words: String
  ) async throws {
    let scene = try SourceScene(config: Self.config)
    try scene.folder.write(Self.cache("corp"), Self.token(end: "2026-11-21T08:59:00Z", more: Self.renewable))
    let error = try #require(await scene.failure(SourceDouble(answer), profile: "new"))
    #expect(error.code == code && error.message.contains(words) && !error.message.contains("quiet"), "\(error)")
  }

  @Test func `a renewal that is cancelled asks nobody for anything else`() async throws {
    let scene = try SourceScene(config: Self.config)
    try scene.folder.write(Self.cache("corp"), Self.token(end: "2026-11-21T09:10:00Z", more: Self.renewable))
    let double = SourceDouble { request, _ in
      request.method == "POST" ? .lost(.cancelled, mayHaveArrived: false) : .answer(200, Self.credentials)
    }
    let chain = CredentialChain(surroundings: scene.surroundings(double), profile: "new", region: nil)
    let error = await #expect(throws: CredentialError.self) { try await chain.load() }
    #expect(error?.code == .cancelled && double.requests.map(\.method) == ["POST"])
  }

  @Test(
    arguments: [
      (nil, 200, "hasn't been started"), ("2026-11-21T08:59:59Z", 200, "has expired"), ("soon", 200, "can't be read"),
      (SourceScene.later, 401, "is no longer valid"),
    ] as [(String?, Int, String)]) func `says to sign in again`(_ end: String?, _ status: Int, _ words: String) async throws
  {
    let scene = try SourceScene(config: Self.config)
    if let end { try scene.folder.write(Self.cache("corp"), Self.token(end: end)) }
    let error = try #require(await scene.failure(SourceDouble(.answer(status, "{}")), profile: "new"))
    #expect(
      error.code == .loginRequired
        && error.message
          == "The SSO session of profile new \(words == "can't be read" ? "has left a token that can't be read" : words); run 'aws sso login --profile new'."
    )
  }

  @Test(
    arguments: [
      ("sso_session = gone\nsso_account_id = 1\nsso_role_name = r\n", 200, .notFound, "sso-session gone"),
      ("sso_session = corp\nsso_role_name = r\n", 200, .incomplete, "aws configure sso"),
      ("sso_session = corp\nsso_account_id = 1\nsso_role_name = r\nsso_region = us-west-2\n", 200, .malformed, "differ in sso_region"),
      ("sso_session = corp\nsso_account_id = 1\nsso_role_name = r\n", 403, .denied, "the role r"),
      ("sso_session = corp\nsso_account_id = 1\nsso_role_name = r\n", 404, .denied, "HTTP 404"),
      ("sso_session = corp\nsso_account_id = 1\nsso_role_name = r\n", 503, .unreachable, "HTTP 503"),
      ("sso_session = corp\nsso_account_id = 1\nsso_role_name = r\n", 200, .badAnswer, "holds no credentials"),
    ] as [(String, Int, CredentialError.Code, String)])
  func `tells failures apart`(_ options: String, _ status: Int, _ code: CredentialError.Code, _ words: String) async throws {
    let scene = try SourceScene(config: "[profile p]\n\(options)[sso-session corp]\nsso_start_url = u\nsso_region = eu-central-1\n")
    try scene.folder.write(Self.cache("corp"), Self.token("hushhush"))
    let error = try #require(await scene.failure(SourceDouble(.answer(status, "{}")), profile: "p"))
    #expect(error.code == code && error.message.contains(words) && !error.message.contains("hushhush"), "\(error)")
  }

  @Test func `a token that would break the request's head isn't sent`() async throws {
    let scene = try SourceScene(config: Self.config)
    try scene.folder.write(Self.cache("corp"), Self.token(#"a\r\nx-evil: 1"#))
    let double = SourceDouble(.answer(200, Self.credentials))
    #expect(await scene.failure(double, profile: "new")?.code == .malformed && double.requests.isEmpty)
  }
}
