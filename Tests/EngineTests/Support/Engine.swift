import AWSAuth
import DynamoDBClient
import Glibc
import Testing

/// A DynamoDB that somebody else wrote, running where `DUALTABLE_TEST_ENGINES` says (`name=http://host:port,…`).
struct Engine: Sendable, CustomTestStringConvertible {
  let name: String
  let url: String

  var testDescription: String { name }

  static let all: [Engine] = {
    let setting = unsafe getenv("DUALTABLE_TEST_ENGINES").map { unsafe String(cString: $0) } ?? ""
    return setting.split(separator: ",").compactMap { part in
      let pair = part.split(separator: "=", maxSplits: 1)
      return pair.count == 2 ? Engine(name: String(pair[0]), url: String(pair[1])) : nil
    }
  }()

  /// What suites without engines say.
  static let absence: Comment = "no engine runs: DUALTABLE_TEST_ENGINES is not set (Tests/run starts engines and sets it)"

  /// Runs `body` with a client of this engine.
  func withClient<Value>(retry: RetryPolicy = .requestPath, _ body: (DynamoDBClient) async throws -> Value) async throws -> Value {
    let client = DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: url),
        credentials: StaticCredentialProvider(try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")), retry: retry))
    do {
      let value = try await body(client)
      await client.shutdown()
      return value
    } catch {
      await client.shutdown()
      throw error
    }
  }
}
