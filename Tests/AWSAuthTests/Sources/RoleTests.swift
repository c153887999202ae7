import AWSAuth
import HTTPTransport
import TestSupport
import Testing

/// Roles by STS, against a double that is asked about each request.
@Suite struct RoleTests {
  static let keys = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = basesecret\n"

  static func field(_ name: String, of request: SourceDouble.Request) -> String? {
    request.body.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1) }.first { $0[0] == name }.map { String($0.last ?? "") }
  }

  @Test func `assumes the profile's role with its source profile`() async throws {
    let config = """
      [profile dev]
      role_arn = arn:aws:iam::123456789012:role/dev
      source_profile = base
      external_id = ex/te rn
      duration_seconds = 1800
      role_session_name = me@here
      region = eu-west-1
      """
    let scene = try SourceScene(config: config, credentials: Self.keys)
    let double = SourceDouble(.answer(200, SourceScene.role()))
    let credentials = try await scene.credentials(double, profile: "dev")
    #expect(credentials.accessKeyID == "ASIAROLE" && credentials.expiration == SourceScene.laterMilliseconds)
    #expect(credentials.secretAccessKey == "secret/of+role" && credentials.sessionToken == "token&of==")
    let request = try #require(double.requests.first)
    #expect(double.requests.count == 1 && request.method == "POST" && request.url == "https://sts.eu-west-1.amazonaws.com/")
    #expect(
      request.body == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdev"
        + "&RoleSessionName=me%40here&ExternalId=ex%2Fte%20rn&DurationSeconds=1800")
    #expect(request.fields["content-type"] == "application/x-www-form-urlencoded; charset=utf-8")
    #expect(request.fields["x-amz-date"] == "20261121T090000Z" && request.fields["x-amz-security-token"] == nil)
    #expect(
      request.fields["authorization"]?.hasPrefix(
        "AWS4-HMAC-SHA256 Credential=AKIABASE/20261121/eu-west-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=")
        == true)
  }

  @Test func `assumes one role with another`() async throws {
    let config = """
      [profile a]
      role_arn = arn:a
      source_profile = b
      [profile b]
      role_arn = arn:b
      source_profile = base
      """
    let scene = try SourceScene(config: config, credentials: Self.keys)
    let double = SourceDouble { _, number in .answer(200, SourceScene.role(key: number == 0 ? "ASIAB" : "ASIAA")) }
    #expect(try await scene.credentials(double, profile: "a").accessKeyID == "ASIAA")
    #expect(double.requests.map { Self.field("RoleArn", of: $0) } == ["arn%3Ab", "arn%3Aa"])
    #expect(double.requests[1].fields["authorization"]?.contains("Credential=ASIAB/") == true)
    #expect(double.requests[1].fields["x-amz-security-token"] == "token&of==")
    #expect(Self.field("RoleSessionName", of: double.requests[0]) == "dualtable-\(SourceScene.now)")
  }

  @Test func `a token of an identity provider is read at each refresh and needs no signature`() async throws {
    var scene = try SourceScene()
    try scene.folder.write("token", Array("eyJ.one\n".utf8))
    scene.environment.merge([
      "AWS_WEB_IDENTITY_TOKEN_FILE": "\(scene.folder.path)/token", "AWS_ROLE_ARN": "arn:r", "AWS_ROLE_SESSION_NAME": "pod",
      "AWS_REGION": "cn-north-1",
    ]) { $1 }
    let double = SourceDouble(.answer(200, SourceScene.role("AssumeRoleWithWebIdentity")))
    #expect(try await scene.credentials(double).accessKeyID == "ASIAROLE")
    try scene.folder.write("token", Array("eyJ.two".utf8))
    _ = try await scene.credentials(double)
    #expect(
      double.requests.map(\.body)
        == ["one", "two"].map {
          "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=pod&WebIdentityToken=eyJ.\($0)"
        })
    #expect(double.requests[0].url == "https://sts.cn-north-1.amazonaws.com.cn/" && double.requests[0].fields["authorization"] == nil)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var config = "[profile p]\nrole_arn = arn:r\nsource_profile = base\n"
    var answer = SourceDouble.Answer.answer(500, "")
    let code: CredentialError.Code
    let words: String
    var requests = 0
    var testDescription: String { words }
  }

  static let refusals = [
    Refusal(config: "[profile p]\nrole_arn = a\n", code: .incomplete, words: "neither source_profile nor credential_source"),
    Refusal(
      config: "[profile p]\nrole_arn = a\nsource_profile = base\ncredential_source = Environment\n", code: .malformed,
      words: "both source_profile and credential_source"),
    Refusal(config: "[profile p]\nrole_arn = a\nsource_profile = gone\n", code: .notFound, words: "source_profile gone"),
    Refusal(config: "[profile p]\nrole_arn = a\nsource_profile = p\n", code: .malformed, words: "p, p name each other in a circle"),
    Refusal(
      config: "[profile p]\nrole_arn = a\nsource_profile = q\n[profile q]\nrole_arn = b\nsource_profile = p\n", code: .malformed,
      words: "p, q, p name each other in a circle"),
    Refusal(config: "[profile p]\nrole_arn = a\nsource_profile = q\n[profile q]\nregion = x\n", code: .notFound, words: "Profile q"),
    Refusal(
      config: "[profile p]\nrole_arn = a\ncredential_source = Nowhere\n", code: .malformed, words: "credential_source that isn't known"),
    Refusal(
      config: "[profile p]\nrole_arn = a\ncredential_source = Environment\n", code: .notFound, words: "credential_source Environment"),
    Refusal(
      config: "[profile p]\nrole_arn = a\nsource_profile = base\nmfa_serial = arn:mfa\n", code: .unsupported,
      words: "aws sts get-session-token"),
    Refusal(
      config: "[profile p]\nrole_arn = a\nsource_profile = base\nduration_seconds = soon\n", code: .malformed, words: "duration_seconds"),
    Refusal(config: "[profile p]\nrole_arn = a\nsource_profile = base\nregion = a/b\n", code: .malformed, words: "region of profile p"),
    Refusal(
      answer: .answer(403, SourceScene.refusal("AccessDenied", "User: arn:u is not authorized")), code: .denied,
      words: "User: arn:u is not authorized", requests: 1),
    Refusal(answer: .answer(403, SourceScene.refusal("ExpiredToken")), code: .expired, words: "renew the credentials", requests: 1),
    Refusal(answer: .answer(403, SourceScene.refusal("InvalidClientTokenId")), code: .denied, words: "this machine's clock", requests: 1),
    // Whatever STS repeats of what it was sent is kept to ourselves.
    Refusal(
      answer: .answer(400, SourceScene.refusal("ValidationError", "basesecret")), code: .denied, words: "ValidationError; check",
      requests: 1),
    Refusal(answer: .answer(503, "busy"), code: .unreachable, words: "HTTP 503", requests: 3),
    Refusal(answer: .answer(200, "{}"), code: .badAnswer, words: "holds no credentials", requests: 1),
    Refusal(answer: .answer(200, SourceScene.role(key: "")), code: .badAnswer, words: "can't be used", requests: 1),
    Refusal(answer: .answer(200, SourceScene.role(end: "soon")), code: .badAnswer, words: "ends at no time", requests: 1),
    Refusal(answer: .answer(200, SourceScene.role(end: "2026-11-21T08:59:59Z")), code: .expired, words: "ended already", requests: 1),
    Refusal(
      answer: .lost(.resolve, mayHaveArrived: false), code: .unreachable, words: "nothing at https://sts.us-east-1.amazonaws.com",
      requests: 1),
    Refusal(answer: .lost(.receive, mayHaveArrived: true), code: .unreachable, words: "STS gives no credentials", requests: 3),
  ]

  @Test(arguments: refusals) func `tells failures apart`(_ refusal: Refusal) async throws {
    let scene = try SourceScene(config: refusal.config, credentials: Self.keys)
    let double = SourceDouble(refusal.answer)
    let error = try #require(await scene.failure(double, profile: "p"))
    #expect(error.code == refusal.code && error.message.contains(refusal.words), "\(error.code): \(error)")
    #expect(double.requests.count == refusal.requests && !error.message.contains("basesecret"))
  }

  @Test func `a token file that is gone or holds something else`() async throws {
    var scene = try SourceScene(environment: ["AWS_ROLE_ARN": "arn:r", "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere/token"])
    #expect(await scene.failure()?.code == .notFound)
    scene.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = "\(scene.folder.path)/token"
    try scene.folder.write("token", Array("a b".utf8))
    #expect(await scene.failure()?.message.contains("It was read from \(scene.folder.path)/token") == true)
    scene.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = scene.folder.path
    #expect(await scene.failure()?.message.contains("isn't a file") == true)
    scene.environment["AWS_ROLE_ARN"] = nil
    #expect(await scene.failure()?.code == .incomplete)
  }

  @Test(.enabled("botocore isn't here: set DUALTABLE_TEST_PYTHON to a Python that has it") { Python.withBotocore != nil })
  func `signs calls of STS as botocore does`() async throws {
    let python = try #require(Python.withBotocore)
    let token = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base/se+cret\naws_session_token = to/ken==\n"
    let scene = try SourceScene(config: "[profile p]\nrole_arn = arn:r\nsource_profile = base\n", credentials: token)
    let double = SourceDouble(.answer(200, SourceScene.role()))
    _ = try await scene.credentials(double, profile: "p")
    let request = try #require(double.requests.first)
    let script = BotocoreTests.script.replacing(
      "\"Content-Type\": \"application/x-amz-json-1.0\", \"X-Amz-Target\": target}", with: "\"Content-Type\": target.replace(\"_\", \" \")}"
    )
    .replacing("\"dynamodb\"", with: "\"sts\"")
    let type = try #require(request.fields["content-type"]).replacing(" ", with: "_")
    let line = [
      "\(SourceScene.now / 1_000)", request.url, "us-east-1", type, "AKIABASE", BotocoreTests.hex(Array("base/se+cret".utf8)),
      BotocoreTests.hex(Array("to/ken==".utf8)), BotocoreTests.hex(Array(request.body.utf8)),
    ].joined(separator: " ")
    #expect(try python.run(script: script, input: line + "\n") == [request.fields["authorization"] ?? ""])
  }
}
