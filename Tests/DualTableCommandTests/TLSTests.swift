import TestSupport
import Testing

@testable import DualTableCommand

/// What the tool says of servers that it doesn't trust.
@Suite(.timeLimit(.minutes(2)), .enabled(if: TLSServer.isAvailable, "needs openssl and python3 to make a TLS server"))
struct TLSTests {
  @Test(
    arguments: [
      (.wrongName, nil, true, "is for another name; check the endpoint, or whether something intercepts the connection"),
      (.expired, nil, true, "has expired; renew it, or check this machine's clock"),
      (.selfSigned, nil, true, "is self-signed; give its CA by a CA bundle (AWS_CA_BUNDLE) if you trust it"),
      (.good, nil, false, "nobody trusted has signed the certificate"),
      (.good, "TLSv1", true, "speaks no version of TLS from 1.2 on"), (.good, "TLSv1_1", true, "speaks no version of TLS from 1.2 on"),
    ] as [(TestCertificate.Kind, String?, Bool, String)])
  func `each is refused with its own sentence`(
    _ kind: TestCertificate.Kind, _ latest: String?, _ trustsItsCA: Bool, _ sentence: String
  ) async throws {
    let server = try #require(TLSServer(kind, latest: latest))
    var environment = [
      "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_REGION": "eu-central-1",
      "AWS_ENDPOINT_URL": "\(server.origin())",
    ]
    if trustsItsCA { environment["AWS_CA_BUNDLE"] = server.bundle }
    let run = await ToolRun.run(
      "plan --old users --new users-v2 --mapping users.yaml", environment: environment, files: ["users.yaml": BuiltInMapping.users],
      transport: Surroundings.transport(environment)(2))
    #expect(run.status == .failed && run.output == "" && run.error.contains(sentence), "\(run.error)")
    #expect(run.error.contains("TLSFailed") && !run.error.contains("hunter2") && run.error.split(separator: "\n").count == 1)
  }
}
