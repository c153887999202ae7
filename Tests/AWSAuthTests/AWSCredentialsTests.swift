import AWSAuth
import Testing

@Suite struct AWSCredentialsTests {
  static let secrets = ["s3cr3t-key", "s3ss10n-token"]

  static func everyPrinting(of value: some Any) -> String {
    var dumped = ""
    dump(value, to: &dumped)
    return "\(value) \(String(describing: value)) \(String(reflecting: value)) \(dumped) \(reflected(value))"
  }

  /// Every child that reflection finds, however deep.
  static func reflected(_ value: Any) -> String {
    Mirror(reflecting: value).children.map { "\($0.label ?? "")=\($0.value) \(reflected($0.value))" }.joined(separator: "\n")
  }

  @Test func `no way of printing shows a secret`() throws {
    let credentials = try AWSCredentials(
      accessKeyID: "AKIDEXAMPLE", secretAccessKey: Self.secrets[0], sessionToken: Self.secrets[1], expiration: 1)
    let environment = EnvironmentCredentialProvider(environment: [
      "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": Self.secrets[0], "AWS_SESSION_TOKEN": Self.secrets[1],
    ])
    struct Holder {
      let credentials: AWSCredentials
      let provider: any CredentialProvider
    }
    let printings = [
      Self.everyPrinting(of: credentials), Self.everyPrinting(of: Optional(credentials)), Self.everyPrinting(of: [credentials]),
      Self.everyPrinting(of: StaticCredentialProvider(credentials)), Self.everyPrinting(of: environment),
      Self.everyPrinting(of: Holder(credentials: credentials, provider: environment)),
    ]
    for printing in printings {
      #expect(printing.contains("AKIDEXAMPLE"), "the printings do reach the credentials")
      for secret in Self.secrets { #expect(!printing.contains(secret)) }
    }
  }

  @Test func `what looks for credentials shows none of what it reads`() async throws {
    let environment = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": Self.secrets[0], "AWS_SESSION_TOKEN": Self.secrets[1]]
    let file = try SourceScene(
      credentials: "[default]\naws_access_key_id = A\naws_secret_access_key = \(Self.secrets[0])\naws_session_token = \(Self.secrets[1])\n",
      environment: ["UNRELATED": Self.secrets[0]])
    let refreshed = file.provider()
    _ = try await refreshed.credentials()
    for provider in [DefaultCredentialProvider(environment: environment), refreshed] {
      let printing = Self.everyPrinting(of: provider)
      for secret in Self.secrets { #expect(!printing.contains(secret)) }
    }
  }

  @Test(arguments: [
    ("", "hunter2"), ("id", ""), ("i d", "hunter2"), ("id", "hunter2\n"), ("id\r\nx: y", "hunter2"), ("id", "hünter2"), ("id", "h\u{7F}"),
  ])
  func `refuses what can't be credentials`(_ id: String, _ secret: String) throws {
    let error = try #require(throws: CredentialError.self) { try AWSCredentials(accessKeyID: id, secretAccessKey: secret) }
    #expect(error.code == .malformed)
    if !secret.isEmpty { #expect(!error.description.contains(secret)) }
  }

  @Test func `refuses a malformed token`() {
    #expect(throws: CredentialError.self) { try AWSCredentials(accessKeyID: "a", secretAccessKey: "b", sessionToken: "c\nd") }
    #expect(throws: CredentialError.self) { try AWSCredentials(accessKeyID: "a", secretAccessKey: "b", sessionToken: "") }
  }
}
