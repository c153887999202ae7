import AWSAuth
import HTTPTransport
import Synchronization
import TestSupport
import Testing

/// The instance metadata service, against a double that knows version 2 alone.
@Suite struct InstanceTests {
  static let credentials =
    #"{"Code":"Success","AccessKeyId":"ASIAEC2","SecretAccessKey":"s","Token":"t","Expiration":"\#(SourceScene.later)"}"#

  /// What a request gets that shows the right token, or asks for one in the right way.
  static func service(_ request: SourceDouble.Request, _: Int) -> SourceDouble.Answer {
    let path = request.url.dropFirst("http://".count).drop { $0 != "/" }
    switch (request.method, path) {
    case ("PUT", "/latest/api/token"):
      return request.fields == ["x-aws-ec2-metadata-token-ttl-seconds": "21600"] ? .answer(200, "imds-token") : .answer(400, "")
    case _ where request.fields != ["x-aws-ec2-metadata-token": "imds-token"]: return .answer(401, "")
    case ("GET", "/latest/meta-data/iam/security-credentials/"): return .answer(200, "my role\n")
    case ("GET", "/latest/meta-data/iam/security-credentials/my%20role"): return .answer(200, credentials)
    default: return .answer(404, "")
    }
  }

  @Test(
    arguments: [
      ([:], "http://169.254.169.254"), (["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"], "http://[fd00:ec2::254]"),
      (
        ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1338/", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv6"],
        "http://127.0.0.1:1338"
      ),
      (["AWS_EC2_METADATA_DISABLED": "false"], "http://169.254.169.254"),
    ] as [([String: String], String)])
  func `asks for a token, then the role, then its credentials`(_ environment: [String: String], _ place: String) async throws {
    let scene = try SourceScene(environment: environment)
    let double = SourceDouble(Self.service)
    let found = try await scene.credentials(double)
    #expect(found.accessKeyID == "ASIAEC2" && found.expiration == SourceScene.laterMilliseconds)
    #expect(double.requests.allSatisfy { $0.url.hasPrefix("\(place)/latest/") } && double.requests.count == 3)
  }

  @Test func `the profile says where it is too`() async throws {
    let scene = try SourceScene(config: "[default]\nec2_metadata_service_endpoint_mode = ipv6\n")
    let double = SourceDouble(Self.service)
    #expect(try await scene.credentials(double).accessKeyID == "ASIAEC2")
    #expect(double.requests[0].url == "http://[fd00:ec2::254]/latest/api/token")
  }

  @Test func `it can be switched off, and is then asked nothing`() async throws {
    let scene = try SourceScene(environment: ["AWS_EC2_METADATA_DISABLED": "TRUE"])
    let double = SourceDouble(Self.service)
    #expect(await scene.failure(double)?.code == .notFound && double.requests.isEmpty)
  }

  @Test func `that it has gone since is said of it alone`() async throws {
    let scene = try SourceScene()
    let now = Atomic(SourceScene.now)
    let double = SourceDouble { request, number in number < 3 ? Self.service(request, number) : .lost(.connect, mayHaveArrived: false) }
    let provider = DefaultCredentialProvider(
      CredentialSurroundings(
        environment: scene.environment, wallClock: WallClock { now.load(ordering: .relaxed) }, clock: scene.clock,
        transport: { _ in double }))
    #expect(try await provider.credentials().accessKeyID == "ASIAEC2")
    now.store(SourceScene.laterMilliseconds - 60_000, ordering: .relaxed)
    let error = await #expect(throws: CredentialError.self) { try await provider.credentials() }
    #expect(error?.code == .notFound && error?.message.hasPrefix("Where the credentials came from (instance) there are none now; ") == true)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// By method and whether the path ends with a role's name.
    var token = SourceDouble.Answer.answer(200, "imds-token")
    var role = SourceDouble.Answer.answer(200, "r")
    var credentials = SourceDouble.Answer.answer(200, InstanceTests.credentials)
    var environment: [String: String] = [:]
    let code: CredentialError.Code
    let requests: Int
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "not on an instance", token: .lost(.connect, mayHaveArrived: false), code: .notFound, requests: 1),
    Case(name: "nobody answers the connection", token: .lost(.timeout, mayHaveArrived: false), code: .notFound, requests: 1),
    Case(name: "version 1 alone is no place to ask", token: .answer(404, ""), code: .notFound, requests: 1),
    Case(name: "forbidden", token: .answer(403, ""), code: .notFound, requests: 1),
    Case(name: "the token's answer doesn't come back", token: .lost(.timeout, mayHaveArrived: true), code: .unreachable, requests: 3),
    Case(
      name: "as often as asked for", token: .answer(500, ""), environment: ["AWS_METADATA_SERVICE_NUM_ATTEMPTS": "5"], code: .unreachable,
      requests: 5),
    Case(name: "a bad request", token: .answer(400, ""), code: .badAnswer, requests: 1),
    Case(name: "no role", role: .answer(404, ""), code: .notFound, requests: 2),
    Case(name: "an empty role", role: .answer(200, ""), code: .notFound, requests: 2),
    Case(name: "no right to ask", role: .answer(401, ""), code: .badAnswer, requests: 2),
    Case(name: "the role's credentials fail", credentials: .answer(500, ""), code: .unreachable, requests: 5),
    Case(
      name: "a role that can't be assumed", credentials: .answer(200, #"{"Code":"AssumeRoleUnauthorizedAccess","Message":"m"}"#),
      code: .badAnswer, requests: 3),
    Case(name: "no JSON", credentials: .answer(200, "<html>"), code: .badAnswer, requests: 3),
    Case(name: "no end", credentials: .answer(200, #"{"AccessKeyId":"a","SecretAccessKey":"b"}"#), code: .badAnswer, requests: 3),
    Case(name: "a bad mode", environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipx"], code: .malformed, requests: 0),
    Case(name: "a bad endpoint", environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "imds"], code: .malformed, requests: 0),
    Case(name: "a bad number", environment: ["AWS_METADATA_SERVICE_TIMEOUT": "soon"], code: .malformed, requests: 0),
  ]

  @Test(arguments: cases) func `tells failures apart`(_ test: Case) async throws {
    let scene = try SourceScene(environment: test.environment)
    let double = SourceDouble { request, _ in
      request.method == "PUT" ? test.token : request.url.hasSuffix("/") ? test.role : test.credentials
    }
    let error = try #require(await scene.failure(double))
    #expect(error.code == test.code && double.requests.count == test.requests, "\(error), \(double.requests.count) requests")
  }
}
