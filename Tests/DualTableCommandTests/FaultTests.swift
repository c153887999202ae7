import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import TestSupport
import Testing

@testable import DualTableCommand

/// What keeps a command from its work: status 2, one sentence with cause and remedy, nothing written, and on again once it is mended.
@Suite(.timeLimit(.minutes(5))) struct FaultTests {
  /// A command, and one of the operations that it needs.
  struct Step: Sendable, CustomTestStringConvertible {
    let line: String
    let operation: String
    /// How the sentence begins.
    let beginning: String
    /// How the command ends once it may.
    var status = ToolStatus.done
    var testDescription: String { "\(line): \(operation)" }
  }

  static let steps = [
    Step(line: "backfill --offline", operation: "DescribeTable", beginning: "The old table users can't be looked at: "),
    Step(
      line: "backfill --offline", operation: "Scan", beginning: "The backfill stopped; what was done is kept, run it again to go on: "),
    Step(
      line: "backfill --offline", operation: "PutItem", beginning: "The backfill stopped; what was done is kept, run it again to go on: "),
    // Nothing was taken across, so all of it is missing.
    Step(line: "verify --offline", operation: "DescribeTable", beginning: "The old table users can't be looked at: ", status: .findings),
    Step(
      line: "verify --offline", operation: "Scan", beginning: "The verification stopped; what was read is kept, run it again to go on: ",
      status: .findings),
    Step(
      line: "verify --offline", operation: "BatchGetItem",
      beginning: "The verification stopped; what was read is kept, run it again to go on: ",
      status: .findings),
  ]

  static let seeding = [
    Step(line: "seed --items 9 --json", operation: "DescribeTable", beginning: "The old table users can't be looked at: "),
    Step(line: "seed --items 9 --json", operation: "CreateTable", beginning: "The old table users can't be created: "),
    Step(line: "seed --items 9 --json", operation: "PutItem", beginning: "The old table users takes no more items: "),
  ]

  /// What the service says, and what becomes of it; it may quote secrets and items, which must not.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let code: String
    let message: String
    let words: String
    var testDescription: String { code }
  }

  static let refusals = [
    Refusal(
      code: "AccessDeniedException", message: "User: arn:aws:iam::123456789012:user/me is not authorized to perform this",
      words: "User: arn:aws:iam::123456789012:user/me is not authorized to perform this; allow it in a policy, or use other credentials"),
    Refusal(
      code: "ExpiredTokenException", message: "The security token hunter3 included in the request is expired",
      words: "the session token has expired; renew the credentials"),
    Refusal(
      code: "UnrecognizedClientException", message: "The security token hunter3 included in the request is invalid.",
      words: "the access key or session token is unknown; check the credentials and the region"),
    Refusal(
      code: "InvalidSignatureException", message: "Credential hunter3 should be scoped to a valid region, not 'eu-central-1'.",
      words: "the signature was refused; check the secret key, the region and this machine's clock"),
    Refusal(code: "OptInRequired", message: "hunter3", words: ""),
  ]

  @Test(arguments: steps, refusals) func `a refusal ends a command, which goes on once it may`(_ step: Step, _ refusal: Refusal)
    async throws
  {
    let place = CommandPlace()
    let seeded = await place.run("seed --items 40")
    try #require(seeded.status == .done, "\(seeded.error)")
    try await refuse(step, refusal, place) { await place.pass(step.line) }
    #expect(place.engine.items(in: "users-v2").count == (step.line.hasPrefix("backfill") ? 40 : 0))
  }

  @Test(arguments: seeding, refusals) func `a refusal ends seeding, which goes on once it may`(_ step: Step, _ refusal: Refusal)
    async throws
  {
    let place = CommandPlace()
    try await refuse(step, refusal, place) { await place.run(step.line) }
    #expect(place.engine.items(in: "users").count == 9)
  }

  private func refuse(_ step: Step, _ refusal: Refusal, _ place: CommandPlace, _ run: () async -> ToolRun) async throws {
    let written = place.engine.writeCount
    place.engine.follow { arrival, _ in
      arrival.operation == step.operation ? .service(refusal.code, refusal.message) : nil
    }
    let refused = await run()
    expect(refused, "\(step.beginning)\(refusal.code)\(refusal.words.isEmpty ? "" : ": \(refusal.words)") (HTTP 400")
    #expect(place.engine.writeCount == written)
    if step.operation == "DescribeTable" { #expect(place.folder.names("") == []) }
    place.engine.follow(nil)
    let allowed = await run()
    #expect(allowed.status == step.status, "\(allowed.error)")
  }

  /// Expects status 2 and one sentence that begins so, with no secret in it.
  private func expect(_ run: ToolRun, _ beginning: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(run.status == .failed && run.output == "", sourceLocation: sourceLocation)
    #expect(run.error.hasPrefix("Error: \(beginning)"), sourceLocation: sourceLocation)
    #expect(run.error.hasSuffix(".\n") && !run.error.hasSuffix("..\n"), "\(run.error)", sourceLocation: sourceLocation)
    #expect(run.error.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
    #expect(!run.error.contains("hunter"), sourceLocation: sourceLocation)
  }

  static let passes = ["backfill --offline", "verify --offline"]

  @Test(arguments: passes) func `tables that are missing or keyed otherwise`(_ line: String) async throws {
    let place = CommandPlace()
    func missing(_ table: String) -> String {
      "ResourceNotFoundException: Requested resource not found: Table: \(table) not found; check the table's name, the region and the "
        + "endpoint (HTTP 400"
    }
    expect(await place.pass(line), "The old table users can't be looked at: \(missing("users"))")
    let client = try place.client
    _ = try await client.createTable(CreateTableInput(tableName: "users", keys: KeySchema(hash: .init("id", .string))))
    expect(await place.pass(line), "The new table users-v2 can't be looked at: \(missing("users-v2"))")
    _ = try await client.createTable(
      CreateTableInput(tableName: "users-v2", keys: KeySchema(hash: .init("id", .string), range: .init("at", .number))))
    expect(
      await place.pass(line),
      "The new table users-v2 is keyed by id (S), at (N), the mapping says id (S): mend the mapping or name the right table.")
    expect(await place.pass("\(line) --new users"), "The old and the new table are both users: a migration needs two tables.")
    #expect(place.folder.names("") == [])
  }

  @Test(arguments: passes + ["seed"]) func `no credentials`(_ line: String) async throws {
    let place = CommandPlace()
    let run = await place.run("\(line) --mapping users.yaml", environment: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""])
    expect(
      run,
      "The old table users can't be looked at: NoCredentials: Neither the environment, profile default (no files: HOME isn't set), the container nor "
        + "the instance has any AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile with 'aws configure'.")
    #expect(place.engine.requestCount("DescribeTable") == 0 && place.folder.names("") == [])
  }

  @Test(arguments: passes + ["seed"]) func `nothing listens at the endpoint`(_ line: String) async throws {
    let place = CommandPlace()
    let run = await place.run("\(line) --mapping users.yaml", transport: Surroundings.transport(place.environment)(2))
    expect(
      run,
      "The old table users can't be looked at: CannotConnect: nothing listens at http://127.0.0.1:1, or at the proxy if one is set; check "
        + "that it is running and its port is right (4 tries).")
    #expect(place.folder.names("") == [])
  }

  struct Certificate: Sendable, CustomTestStringConvertible {
    let kind: TestCertificate.Kind
    /// Whether `AWS_CA_BUNDLE` names the CA.
    let isTrusted: Bool
    let words: String
    var testDescription: String { "\(kind), trusted: \(isTrusted)" }
  }

  @Test(
    .enabled(if: TLSServer.isAvailable, "needs openssl and python3 to make a TLS server"),
    arguments: [
      Certificate(kind: .wrongName, isTrusted: true, words: "is for another name; check the endpoint, or whether something intercepts"),
      Certificate(kind: .selfSigned, isTrusted: false, words: "is self-signed; give its CA by a CA bundle (AWS_CA_BUNDLE)"),
      Certificate(kind: .good, isTrusted: false, words: "give the CA's certificate by a CA bundle (AWS_CA_BUNDLE)"),
      Certificate(kind: .good, isTrusted: true, words: ""),
    ])
  func `TLS that can't be trusted`(_ certificate: Certificate) async throws {
    let server = try #require(TLSServer(certificate.kind))
    let place = CommandPlace()
    for line in Self.passes {
      let environment = [
        "AWS_ENDPOINT_URL": "https://localhost:\(server.port)", "AWS_CA_BUNDLE": certificate.isTrusted ? server.bundle : "",
      ]
      let run = await place.pass(line, environment: environment, transport: Surroundings.transport(environment)(2))
      guard !certificate.words.isEmpty else {
        // The server is no DynamoDB; that it was asked is all there is to see.
        expect(run, "The old table users can't be looked at: UnexpectedAnswer: ")
        continue
      }
      expect(run, "The old table users can't be looked at: TLSFailed: ")
      #expect(run.error.contains("https://localhost:\(server.port)") && run.error.contains(certificate.words), "\(run.error)")
    }
    #expect(place.folder.names("") == [])
  }
}
