import AWSAuth
import CurlTransport
import DynamoDBClient
import DynamoDBModel
import Testing

/// Whoever prints a client, or what it is made of, gets no secret into a log.
@Suite struct PrintingTests {
  @Test func `no way of printing a client or its configuration shows a secret`() async throws {
    let secrets = ["s3cr3t-key", "s3ss10n-token", "pr0xy-word"]
    var configuration = DynamoDBClient.Configuration(
      endpoint: try .resolve(environment: [:], region: "eu-central-1", url: "http://127.0.0.1:1"),
      credentials: StaticCredentialProvider(
        try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: secrets[0], sessionToken: secrets[1])),
      retry: RetryPolicy(maximumAttempts: 1))
    configuration.proxies = ProxySettings { $0 == "http_proxy" ? "http://user:\(secrets[2])@127.0.0.1:1" : nil }
    let client = DynamoDBClient(configuration: configuration)
    // From now on it has signed something, and knows its way.
    let error = await failure { () throws(DynamoDBError) in try await client.getItem(GetItemInput(tableName: "t", key: ["id": "a"])) }
    #expect(error?.code == .cannotConnect)
    var dumped = ""
    dump(client, to: &dumped)
    dump(configuration, to: &dumped)
    dump(error, to: &dumped)
    for printing in [dumped, "\(configuration)", String(reflecting: configuration), "\(client)", String(reflecting: client)] {
      for secret in secrets { #expect(!printing.contains(secret)) }
    }
    #expect(dumped.contains("AKIDEXAMPLE"), "the dump does reach the credentials")
    await client.shutdown()
  }
}
