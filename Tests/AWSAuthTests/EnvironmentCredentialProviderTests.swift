import AWSAuth
import Testing

@Suite struct EnvironmentCredentialProviderTests {
  @Test func `reads long-lived credentials`() async throws {
    let found = try await EnvironmentCredentialProvider(environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "PATH": "/"])
      .credentials()
    #expect(found.accessKeyID == "a")
    #expect(found.secretAccessKey == "b")
    #expect(found.sessionToken == nil)
    #expect(found.expiration == nil)
  }

  @Test func `reads temporary credentials`() async throws {
    let found = try await EnvironmentCredentialProvider(environment: [
      "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c",
    ]).credentials()
    #expect(found.sessionToken == "c")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let environment: [String: String]
    let code: CredentialError.Code
    let message: String
    var testDescription: String { message }
  }

  static let refusals = [
    Refusal(
      environment: [:], code: .notFound,
      message: "There are no AWS credentials in the environment; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
    Refusal(
      environment: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""], code: .notFound,
      message: "There are no AWS credentials in the environment; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
    Refusal(
      environment: ["AWS_ACCESS_KEY_ID": "a"], code: .incomplete,
      message: "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not; set AWS_SECRET_ACCESS_KEY too, or unset AWS_ACCESS_KEY_ID."),
    Refusal(
      environment: ["AWS_SECRET_ACCESS_KEY": "b", "AWS_ACCESS_KEY_ID": ""], code: .incomplete,
      message: "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not; set AWS_ACCESS_KEY_ID too, or unset AWS_SECRET_ACCESS_KEY."),
    Refusal(
      environment: ["AWS_SESSION_TOKEN": "c"], code: .incomplete,
      message: "AWS_SESSION_TOKEN is set but AWS_ACCESS_KEY_ID is not; set AWS_ACCESS_KEY_ID too, or unset AWS_SESSION_TOKEN."),
    Refusal(
      environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b\n"], code: .malformed,
      message: "The secret access key holds a blank, a line end or a character outside ASCII; copy it again without what surrounds it. "
        + "It was read from AWS_SECRET_ACCESS_KEY."),
    Refusal(
      environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c d"], code: .malformed,
      message: "The session token holds a blank, a line end or a character outside ASCII; copy it again without what surrounds it. "
        + "It was read from AWS_SESSION_TOKEN."),
  ]

  @Test(arguments: refusals) func `says what is missing`(_ refusal: Refusal) async throws {
    let provider = EnvironmentCredentialProvider(environment: refusal.environment)
    let error = try await #require(throws: CredentialError.self) { try await provider.credentials() }
    #expect(error.code == refusal.code)
    #expect(error.message == refusal.message)
  }
}
