import Glibc
import TestSupport
import Testing

@testable import DualTableCommand

/// Profiles of one side and of both: whose keys sign what, where it goes, and what is said of it.
@Suite struct ProfileTests {
  let folder = TemporaryDirectory()

  static let config = """
    [profile dev]
    region = eu-west-1
    endpoint_url = http://127.0.0.1:1
    [profile one]
    aws_access_key_id = AKIDONE
    aws_secret_access_key = hunter-one
    region = eu-west-1
    [profile two]
    aws_access_key_id = AKIDTWO
    aws_secret_access_key = hunter-two
    region = us-east-1
    [profile half]
    aws_access_key_id = AKIDHALF
    region = eu-west-1
    """

  func environment(_ more: [String: String] = [:]) throws -> [String: String] {
    try folder.write("config", Array(Self.config.utf8))
    return ["AWS_CONFIG_FILE": "\(folder.path)/config", "AWS_EC2_METADATA_DISABLED": "true"].merging(more) { $1 }
  }

  /// Which key signed for which region at which host: for the old table, which a plan asks first, and for the control table, which is the new
  /// one's neighbor. Each once.
  private func signers(_ flags: String, _ more: [String: String] = [:]) async throws -> [String] {
    let seen = SignerTransport()
    for line in ["plan --mapping users.yaml", "phase show --control control"] {
      let run = await ToolRun.run(
        "\(line) --old users --new users-v2 \(flags)", environment: try environment(more), files: ["users.yaml": BuiltInMapping.users],
        transport: seen)
      #expect(run.status == .failed && run.error.contains("AccessDenied") && !run.error.contains("hunter"), "\(run.error)")
    }
    return seen.signers
  }

  @Test func `each side has its own account, region and endpoint`() async throws {
    let own = ["AKIDONE/eu-west-1 https://dynamodb.eu-west-1.amazonaws.com", "AKIDTWO/us-east-1 https://dynamodb.us-east-1.amazonaws.com"]
    #expect(try await signers("--old-profile one --new-profile two") == own)
    #expect(try await signers("--profile one --new-profile two") == own)
    #expect(try await signers("", ["DUALTABLE_PROFILE": "one", "DUALTABLE_NEW_PROFILE": "two"]) == own)
    #expect(
      try await signers("--profile one --new-endpoint-url http://127.0.0.1:2") == [
        "AKIDONE/eu-west-1 https://dynamodb.eu-west-1.amazonaws.com", "AKIDONE/eu-west-1 http://127.0.0.1:2",
      ])
  }

  @Test func `a profile that is given puts the environment's keys aside, one that the environment names doesn't`() async throws {
    let keys = ["AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "hunter2"]
    #expect(try await signers("--profile one", keys) == ["AKIDONE/eu-west-1 https://dynamodb.eu-west-1.amazonaws.com"])
    #expect(
      try await signers("", keys.merging(["AWS_PROFILE": "one"]) { $1 }) == [
        "AKIDENV/eu-west-1 https://dynamodb.eu-west-1.amazonaws.com"
      ])
    #expect(
      try await signers("--old-profile one", keys.merging(["AWS_REGION": "eu-west-2"]) { $1 }) == [
        "AKIDONE/eu-west-2 https://dynamodb.eu-west-2.amazonaws.com", "AKIDENV/eu-west-2 https://dynamodb.eu-west-2.amazonaws.com",
      ])
  }

  @Test func `a command on the old table alone needs nothing of the new one`() async throws {
    let seen = SignerTransport()
    let run = await ToolRun.run("fence --check --old users --old-profile one", environment: try environment(), transport: seen)
    #expect(run.status == .failed && seen.signers == ["AKIDONE/eu-west-1 https://dynamodb.eu-west-1.amazonaws.com"])
  }

  @Test(
    arguments: [
      ("--profile gone", "There is no profile gone in "), ("--new-profile gone --old-profile one", "There is no profile gone in "),
      ("--profile half", "In profile half of "), ("--profile dev", "Profile dev ("),
    ]) func `what is wrong with a profile is one sentence`(_ flags: String, _ words: String) async throws
  {
    let run = await ToolRun.run(
      "plan \(flags) --old users --new users-v2 --mapping users.yaml", environment: try environment(),
      files: ["users.yaml": BuiltInMapping.users])
    #expect(run.status == .failed && run.error.contains(words) && run.error.split(separator: "\n").count == 1, "\(run.error)")
  }

  @Test func `settings show what a profile gives`() async throws {
    let environment = try environment(["AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_PROFILE": "one"])
    let run = await ToolRun.run("plan --print-config --profile dev --new-profile two", environment: environment)
    let shown = Set(run.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") })
    for row in [
      "region = eu-west-1 (profile dev)", "endpoint-url = http://127.0.0.1:1 (profile dev)", "new-region = us-east-1 (profile two)",
      "old-region (not set)", "profile = dev (--profile)", "AWS_PROFILE = one (environment)",
      "AWS_ACCESS_KEY_ID = AKIDENV (environment, but --profile counts)",
      "AWS_SECRET_ACCESS_KEY = (hidden) (environment, but --profile counts)",
    ] {
      #expect(shown.contains(row), "\(row)")
    }
    #expect(!run.output.contains("hunter"))
  }
}
