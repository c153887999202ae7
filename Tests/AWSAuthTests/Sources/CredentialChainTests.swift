import AWSAuth
import CurlTransport
import HTTPTransport
import TestSupport
import Testing

/// Where credentials are looked for first, held to botocore on a table of environments.
@Suite struct CredentialChainTests {
  static let keys = "aws_access_key_id = FILE\naws_secret_access_key = s\n"
  static let program =
    "credential_process = /bin/sh -c \"echo '{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"PROGRAM\\\",\\\"SecretAccessKey\\\":\\\"s\\\"}'\"\n"
  static let sso = "sso_start_url = https://corp/start\nsso_region = eu-central-1\nsso_account_id = 1\nsso_role_name = r\n"
  static let role = "role_arn = arn:aws:iam::123456789012:role/dev\n"
  static let environmentKeys = ["AWS_ACCESS_KEY_ID": "ENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "s"]
  static let web = ["AWS_WEB_IDENTITY_TOKEN_FILE": "TOKENFILE", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/web"]
  static let container = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:PORT/container"]
  static let instance = ["AWS_EC2_METADATA_DISABLED": "false"]

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var config = ""
    var credentials = ""
    var environment: [String: String] = [:]
    var profile: String?
    /// The access key's id that is found; nil: none or an error, which the comparison tells apart.
    let key: String?
    var testDescription: String { name }
  }

  static let all =
    "[default]\n" + role + "source_profile = base\n" + sso + program + keys + "[profile base]\n" + keys.replacing("FILE", with: "BASE")

  static let cases: [Case] = [
    Case(name: "nothing at all", key: nil),
    Case(
      name: "all of them", config: all, credentials: "[default]\n" + keys.replacing("FILE", with: "SHARED"),
      environment: environmentKeys.merging(web) { $1 }.merging(container) { $1 }, key: "ENVIRONMENT"),
    Case(
      name: "all but the environment", config: all, credentials: "[default]\n" + keys.replacing("FILE", with: "SHARED"),
      environment: web.merging(container) { $1 }, key: "AssumeRole-dev-BASE"),
    Case(
      name: "web identity before the files", config: "[default]\n" + sso + program + keys,
      credentials: "[default]\n" + keys.replacing("FILE", with: "SHARED"), environment: web.merging(container) { $1 },
      key: "AssumeRoleWithWebIdentity-web"),
    Case(
      name: "sso before the credentials file", config: "[default]\n" + sso + program + keys,
      credentials: "[default]\n" + keys.replacing("FILE", with: "SHARED"), environment: container, key: "SSO"),
    Case(
      name: "credentials file before program", config: "[default]\n" + program + keys,
      credentials: "[default]\n" + keys.replacing("FILE", with: "SHARED"), environment: container, key: "SHARED"),
    Case(name: "program before config file", config: "[default]\n" + program + keys, environment: container, key: "PROGRAM"),
    Case(name: "config file before container", config: "[default]\n" + keys, environment: container, key: "FILE"),
    Case(name: "container before instance", environment: container.merging(instance) { $1 }, key: "CONTAINER"),
    Case(name: "the instance last", environment: instance, key: "INSTANCE"),
    Case(
      name: "an instance for a profile without credentials", config: "[default]\nregion = eu-west-1\n", environment: instance,
      key: "INSTANCE"),
    Case(
      name: "a named profile puts the environment aside", credentials: "[dev]\n" + keys, environment: environmentKeys, profile: "dev",
      key: "FILE"),
    Case(
      name: "AWS_PROFILE doesn't", credentials: "[dev]\n" + keys, environment: environmentKeys.merging(["AWS_PROFILE": "dev"]) { $1 },
      key: "ENVIRONMENT"),
    Case(
      name: "AWS_PROFILE", credentials: "[dev]\n" + keys + "[default]\n" + keys.replacing("FILE", with: "OTHER"),
      environment: ["AWS_PROFILE": "dev"], key: "FILE"),
    Case(
      name: "AWS_DEFAULT_PROFILE first", credentials: "[dev]\n" + keys + "[x]\n" + keys.replacing("FILE", with: "OTHER"),
      environment: ["AWS_PROFILE": "x", "AWS_DEFAULT_PROFILE": "dev"], key: "FILE"),
    Case(
      name: "the named profile before AWS_PROFILE", credentials: "[dev]\n" + keys + "[x]\n" + keys.replacing("FILE", with: "OTHER"),
      environment: ["AWS_PROFILE": "x"], profile: "dev", key: "FILE"),
    Case(name: "a named profile that isn't there", credentials: "[x]\n" + keys, profile: "dev", key: nil),
    Case(name: "an AWS_PROFILE that isn't there", credentials: "[x]\n" + keys, environment: ["AWS_PROFILE": "dev"], key: nil),
    Case(
      name: "a named profile without credentials falls to the container", config: "[profile dev]\nregion = x\n",
      environment: environmentKeys.merging(container) { $1 }, profile: "dev", key: "CONTAINER"),
    Case(
      name: "a named profile puts the environment's role aside", config: "[profile dev]\n" + keys, environment: web, profile: "dev",
      key: "FILE"),
    Case(
      name: "web identity of the profile", config: "[profile dev]\n" + role + "web_identity_token_file = TOKENFILE\n" + keys,
      profile: "dev", key: "AssumeRoleWithWebIdentity-dev"),
    Case(
      name: "the environment's token, the profile's role", config: "[default]\n" + role,
      environment: ["AWS_WEB_IDENTITY_TOKEN_FILE": "TOKENFILE"], key: nil),
    Case(
      name: "a role before the profile's own keys",
      config: "[profile dev]\n" + role + "source_profile = base\n" + keys + "[profile base]\n" + keys.replacing("FILE", with: "BASE"),
      profile: "dev", key: "AssumeRole-dev-BASE"),
    Case(
      name: "a profile that is its own source", config: "[profile dev]\n" + role + "source_profile = dev\n" + keys, profile: "dev",
      key: "AssumeRole-dev-FILE"),
    Case(name: "its own source without keys", config: "[profile dev]\n" + role + "source_profile = dev\n", profile: "dev", key: nil),
    Case(
      name: "a circle", config: "[profile a]\n" + role + "source_profile = b\n[profile b]\n" + role + "source_profile = a\n", profile: "a",
      key: nil),
    Case(
      name: "a chain of roles",
      config: "[profile a]\n" + role + "source_profile = b\n[profile b]\n" + role.replacing("dev", with: "mid")
        + "source_profile = base\n[profile base]\n" + keys, profile: "a", key: "AssumeRole-dev-AssumeRole-mid-FILE"),
    Case(
      name: "a chain that ends where keys are",
      config: "[profile a]\n" + role + "source_profile = b\n[profile b]\n" + role.replacing("dev", with: "mid") + "source_profile = base\n"
        + keys.replacing("FILE", with: "MID") + "[profile base]\n" + keys, profile: "a", key: "AssumeRole-dev-MID"),
    Case(
      name: "a source by sso", config: "[profile a]\n" + role + "source_profile = b\n[profile b]\n" + sso, profile: "a",
      key: "AssumeRole-dev-SSO"),
    Case(
      name: "a source by a program", config: "[profile a]\n" + role + "source_profile = b\n[profile b]\n" + program, profile: "a",
      key: "AssumeRole-dev-PROGRAM"),
    Case(
      name: "a source by web identity",
      config: "[profile a]\n" + role + "source_profile = b\n[profile b]\n" + role.replacing("dev", with: "mid")
        + "web_identity_token_file = TOKENFILE\n", profile: "a", key: "AssumeRole-dev-AssumeRoleWithWebIdentity-mid"),
    Case(
      name: "a source in the credentials file", config: "[profile a]\n" + role + "source_profile = b\n", credentials: "[b]\n" + keys,
      profile: "a", key: "AssumeRole-dev-FILE"),
    Case(
      name: "a role in the credentials file", credentials: "[a]\n" + role + "source_profile = b\n[b]\n" + keys, profile: "a",
      key: "AssumeRole-dev-FILE"),
    Case(
      name: "credential_source Environment", config: "[profile a]\n" + role + "credential_source = Environment\n",
      environment: environmentKeys, profile: "a", key: "AssumeRole-dev-ENVIRONMENT"),
    Case(
      name: "credential_source EcsContainer", config: "[profile a]\n" + role + "credential_source = EcsContainer\n", environment: container,
      profile: "a", key: "AssumeRole-dev-CONTAINER"),
    Case(
      name: "credential_source Ec2InstanceMetadata", config: "[profile a]\n" + role + "credential_source = Ec2InstanceMetadata\n",
      environment: instance, profile: "a", key: "AssumeRole-dev-INSTANCE"),
    Case(
      name: "credential_source that isn't there", config: "[profile a]\n" + role + "credential_source = EcsContainer\n", profile: "a",
      key: nil),
    Case(name: "a role with nothing to assume it", config: "[profile a]\n" + role, profile: "a", key: nil),
    Case(name: "half a pair of keys", credentials: "[default]\naws_access_key_id = HALF\n", environment: container, key: nil),
    Case(name: "half a pair in the environment", environment: container.merging(["AWS_ACCESS_KEY_ID": "HALF"]) { $1 }, key: nil),
    Case(
      name: "empty variables", credentials: "[default]\n" + keys, environment: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""],
      key: "FILE"),
    Case(
      name: "a secret without its key in the environment", credentials: "[default]\n" + keys, environment: ["AWS_SECRET_ACCESS_KEY": "s"],
      key: "FILE"),
    Case(name: "a profile without its word", config: "[dev]\n" + keys, profile: "dev", key: nil),
    Case(name: "a profile with its word in the credentials file", credentials: "[profile dev]\n" + keys, profile: "dev", key: nil),
    Case(name: "a name in quotes", config: "[profile \"my dev\"]\n" + keys, profile: "my dev", key: "FILE"),
    Case(
      name: "default under both its names", config: "[profile default]\n" + keys.replacing("FILE", with: "FIRST") + "[default]\n" + keys,
      key: "FILE"),
    Case(
      name: "and the other way around", config: "[default]\n" + keys.replacing("FILE", with: "FIRST") + "[profile default]\n" + keys,
      key: "FILE"),
    Case(
      name: "one name spelled four ways",
      config: ["profile 'dev'", "profile  dev", "profile \"dev\""].map { "[\($0)]\n" + keys.replacing("FILE", with: "FIRST") }.joined()
        + "[profile dev]\n" + keys, profile: "dev", key: "FILE"),
    Case(
      name: "files that are put aside",
      environment: container.merging(["AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"]) { $1 },
      key: "CONTAINER"),
    Case(
      name: "an sso-session",
      config:
        "[profile a]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n[sso-session corp]\nsso_start_url = https://corp/start\nsso_region = eu-central-1\n",
      profile: "a", key: "SSO"),
    Case(
      name: "a sign-in by aws login isn't passed over", config: "[profile dev]\nlogin_session = arn:aws:iam::1:user/u\n" + program,
      environment: container, profile: "dev", key: nil),
    Case(
      name: "keys come before it", config: "[profile dev]\nlogin_session = arn:aws:iam::1:user/u\n", credentials: "[dev]\n" + keys,
      environment: container, profile: "dev", key: "FILE"),
    Case(name: "half of sso", config: "[default]\nsso_account_id = 1\n" + keys, key: nil),
    Case(name: "a file that is broken", config: "[default\n", credentials: "[default]\n" + keys, key: nil),
    Case(name: "a relative URI is none of 127.0.0.1", environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://10.0.0.1/x"], key: nil),
  ]

  /// The services of all sources, in one: what they hand out says who asked.
  static let services: TestServer.Script = { peer, _ in
    while let request = peer.request() {
      let text = String(decoding: request, as: UTF8.self)
      let path = text.split(separator: " ")[1].split(separator: "?")[0]
      let end = "2099-01-01T00:00:00Z"
      func json(_ key: String) -> String { #"{"AccessKeyId":"\#(key)","SecretAccessKey":"s","Token":"t","Expiration":"\#(end)"}"# }
      switch path {
      case "/container": peer.answer(json("CONTAINER"))
      case "/latest/api/token": peer.answer("token")
      case "/latest/meta-data/iam/security-credentials/": peer.answer("role")
      case "/latest/meta-data/iam/security-credentials/role": peer.answer(json("INSTANCE"))
      case "/federation/credentials":
        peer.answer(#"{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t","expiration":4070908800000}}"#)
      case "/":
        let form = bodyText(of: request).split(separator: "&").map { $0.split(separator: "=") }
        func value(_ name: String) -> Substring { form.first { $0[0] == name }?.last ?? "" }
        let signer = text.firstRange(of: "Credential=").map { "-" + text[$0.upperBound...].prefix { $0 != "/" } } ?? ""
        let role = value("RoleArn").split(separator: "%2F").last ?? ""
        peer.answer(
          SourceScene.role(String(value("Action")), key: "\(value("Action"))-\(role)\(signer)", end: end),
          fields: "content-type: text/xml\r\n")
      default: peer.answer("no", status: 404)
      }
    }
  }

  /// The case as files and variables.
  static func scene(_ test: Case, _ server: TestServer) throws -> SourceScene {
    var scene = try SourceScene()
    func filled(_ text: String) -> String {
      text.replacing("PORT", with: "\(server.port)").replacing("TOKENFILE", with: "\(scene.folder.path)/token")
    }
    try scene.folder.write("token", Array("web-token".utf8))
    for key in ["corp", "https://corp/start"] {
      try scene.folder.write(SSOTests.cache(key), Array(#"{"accessToken":"bearer","expiresAt":"2098-01-01T00:00:00Z"}"#.utf8))
    }
    if !test.config.isEmpty { try scene.folder.write(".aws/config", Array(filled(test.config).utf8)) }
    if !test.credentials.isEmpty { try scene.folder.write(".aws/credentials", Array(filled(test.credentials).utf8)) }
    for service in ["STS", "SSO", "SSO_OIDC"] { scene.environment["AWS_ENDPOINT_URL_\(service)"] = "http://127.0.0.1:\(server.port)" }
    scene.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:\(server.port)"
    scene.environment["AWS_EC2_METADATA_DISABLED"] = "true"
    scene.environment["PATH"] = "/usr/bin:/bin"
    scene.environment["AWS_DEFAULT_REGION"] = "eu-central-1"
    for (name, value) in test.environment { scene.environment[name] = filled(value) }
    return scene
  }

  /// `none` where no source has any, `error` where one can't be used, else the access key's id.
  static func outcome(_ scene: SourceScene, _ profile: String?) async -> String {
    let surroundings = CredentialSurroundings(
      environment: scene.environment, wallClock: .system, clock: ContinuousClock(),
      transport: CredentialSurroundings.systemTransport(scene.environment))
    do {
      return try await DefaultCredentialProvider(surroundings, profile: profile).credentials().accessKeyID
    } catch {
      return error.code == .notFound && error.message.hasSuffix("'aws configure'.") && !error.message.hasPrefix("There is no profile")
        ? "none" : "error"
    }
  }

  @Test func `looks where it should`() async throws {
    let server = TestServer(Self.services)
    for test in Self.cases {
      let found = await Self.outcome(try Self.scene(test, server), test.profile)
      #expect(found == test.key ?? (found == "none" ? "none" : "error"), "\(test.name)")
    }
  }

  static let script = """
    import json, os, sys
    import botocore.session, botocore.credentials, botocore.tokens
    loader = botocore.session.get_session().get_component("data_loader")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k != "HOME"}
    for line in sys.stdin:
        case = json.loads(bytes.fromhex(line.strip()))
        os.environ.clear(); os.environ.update(clean); os.environ.update(case["environment"])
        cache = os.path.join(os.environ["HOME"], ".aws", "sso", "cache")
        botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR = cache
        botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR = cache
        try:
            session = botocore.session.Session(profile=case["profile"])
            session.register_component("data_loader", loader)
            found = session.get_credentials()
            print("none" if found is None else found.get_frozen_credentials().access_key)
        except Exception as error:
            print("error"); print(repr(error), file=sys.stderr)
    """

  @Test(.enabled("botocore isn't here: set DUALTABLE_TEST_PYTHON to a Python that has it") { Python.withBotocore != nil })
  func `looks where botocore does`() async throws {
    let python = try #require(Python.withBotocore)
    let server = TestServer(Self.services)
    let scenes = try Self.cases.map { try Self.scene($0, server) }
    let lines = zip(Self.cases, scenes).map { test, scene in
      let environment = scene.environment.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }.joined(separator: ",")
      let json = "{\"environment\":{\(environment)},\"profile\":\(test.profile.map(Self.quoted) ?? "null")}"
      return String(BotocoreTests.hex(Array(json.utf8)).dropFirst())
    }
    let theirs = try python.run(script: Self.script, input: lines.joined(separator: "\n") + "\n")
    try #require(theirs.count == Self.cases.count)
    for ((test, scene), expected) in zip(zip(Self.cases, scenes), theirs) {
      #expect(await Self.outcome(scene, test.profile) == expected, "\(test.name)")
    }
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
  }
}
