import DualTableBackfill
import DynamoDBModel
import Testing

@testable import DualTableCommand

@Suite struct IAMCommandTests {
  private static let tables = ["DUALTABLE_OLD": "users", "DUALTABLE_NEW": "users-v2"]

  private func run(_ line: String, _ environment: [String: String] = tables) async -> ToolRun {
    await ToolRun.run("iam \(line)", environment: environment)
  }

  private func json(_ run: ToolRun) throws -> JSONValue { try JSONValue(parsing: Array(run.output.utf8).span) }

  @Test func `the backfill's policy, word for word`() async throws {
    let run = await run("--role backfill --control migrations --region eu-central-1 --account 123456789012 --json")
    let old = "arn:aws:dynamodb:eu-central-1:123456789012:table/users"
    let control = "arn:aws:dynamodb:eu-central-1:123456789012:table/migrations"
    #expect(run.status == .done, "\(run.error)")
    #expect(
      run.output == #"{"Version":"2012-10-17","Statement":["#
        + #"{"Sid":"OldNew","Effect":"Allow","Action":["dynamodb:DescribeTable","dynamodb:Scan"],"Resource":["\#(old)","\#(old)-v2"]},"#
        + #"{"Sid":"Control","Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query","dynamodb:DeleteItem","dynamodb:BatchWriteItem"],"#
        + #""Resource":["\#(control)"]},"#
        + #"{"Sid":"OldNewControl","Effect":"Allow","Action":["dynamodb:BatchGetItem"],"#
        + #""Resource":["\#(old)","\#(old)-v2","\#(control)"]},"#
        + #"{"Sid":"NewControl","Effect":"Allow","Action":["dynamodb:PutItem"],"Resource":["\#(old)-v2","\#(control)"]}]}"# + "\n")
  }

  @Test(arguments: [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-central-1", "aws")])
  func `each region's partition`(_ region: String, _ partition: String) async throws {
    let run = await run("--role verifier --region \(region) --account 123456789012 --json")
    #expect(run.output.contains(#""arn:\#(partition):dynamodb:\#(region):123456789012:table/users""#), "\(run.error)")
  }

  @Test func `tables of two accounts and regions, by their ARNs`() async throws {
    let new = "arn:aws:dynamodb:us-east-1:210987654321:table/users-v2"
    let run = await run("--role service --new \(new) --region eu-central-1 --account 123456789012 --json")
    #expect(run.output.contains("\"\(new)\"") && run.output.contains("\"\(new)/index/*\""), "\(run.error)")
    #expect(run.output.contains("arn:aws:dynamodb:eu-central-1:123456789012:table/users\""))
    #expect(!run.output.contains("Control"))
  }

  @Test func `PartiQL only for batches, and each phase's own actions`() async throws {
    let place = "--region eu-central-1 --account 123456789012"
    let (put, batch) = (await run("--role backfill \(place)"), await run("--role backfill --write-mode batch \(place)"))
    #expect(!put.output.contains("PartiQL") && batch.output.contains("dynamodb:PartiQLInsert"))
    let old = await run("--role service --phase old \(place)")
    let new = await run("--role service --phase new \(place)")
    #expect(
      old.output.contains("users  ")
        && !old.output.contains("dynamodb:PutItem          arn:aws:dynamodb:eu-central-1:123456789012:table/users-v2"))
    #expect(!new.output.contains("table/users ") && new.output.contains("table/users-v2 "))
  }

  @Test func `all roles at once, as an object and as text`() async throws {
    let line = "--role all --control migrations --region eu-central-1 --account 123456789012"
    let roles = try json(await run("\(line) --json")).object?.map(\.name)
    #expect(roles == MigrationRole.allCases.map(\.rawValue))
    let text = await run(line)
    for role in MigrationRole.allCases { #expect(text.output.contains("\(role.rawValue) (")) }
    for permission in Permission.all where permission.writeMode == nil {
      #expect(text.output.contains(permission.action.name) && text.output.contains(permission.purpose))
    }
  }

  @Test func `the policies of the longest names are no longer than IAM takes`() async throws {
    func name(_ first: String) -> String { first + String(repeating: "t", count: 254) }
    let tables = "--old \(name("o")) --new \(name("n")) --control \(name("c")) --region us-gov-west-1 --account 123456789012"
    let policies = try json(await run("--role all --write-mode batch --json \(tables)")).object ?? []
    #expect(policies.count == MigrationRole.allCases.count)
    for policy in policies { #expect((1_000...PolicyDocument.longest).contains(policy.value.text.utf8.count), "\(policy.name)") }
  }

  static let slips: [(String, String)] = [
    ("--role backfill --region eu-central-1", "Whose tables they are isn't said; give --account, or the tables by their ARNs."),
    ("--role backfill --account 123456789012", "No region is set; give --region or set AWS_REGION, or give the tables by their ARNs."),
    ("--role backfill --account 12345 --region eu-central-1", "'12345' isn't a value of --account; give an account's twelve digits."),
    ("--role backfill --account 123456789012 --region eu*", "'eu*' isn't a region; give one as in eu-central-1."),
    (
      "--role backfill --old arn:aws:s3:eu-central-1:123456789012:table/users --region eu-central-1 --account 123456789012",
      "arn:aws:s3:eu-central-1:123456789012:table/users isn't the ARN of a table; give one as in"
    ),
    (
      "--role backfill --old arn:aws:dynamodb:*:123456789012:table/users --region eu-central-1 --account 123456789012",
      "arn:aws:dynamodb:*:123456789012:table/users isn't the ARN of a table; give one as in"
    ),
    ("--role nobody --account 123456789012", "'nobody' isn't a value of '--role <role>'"),
    ("--region eu-central-1 --account 123456789012", "Missing '--role <role>'"),
  ]

  @Test(arguments: slips) func `each bad input gets one clear sentence`(_ line: String, _ sentence: String) async {
    let run = await run(line)
    #expect(run.status == .failed && run.error.hasPrefix("Error: \(sentence)"), "\(run.error)")
    #expect(run.error.split(separator: "\n").count == 1)
  }
}
