import AWSAuth
import DynamoDBClient
import DynamoDBSimulator
import Glibc
import Testing

/// A DynamoDB: the simulator in this process, or one that somebody else wrote, running where `DUALTABLE_TEST_ENGINES` says
/// (`name=http://host:port,…`).
struct Engine: Sendable, CustomTestStringConvertible {
  let name: String
  /// Where it listens; nil for the simulator.
  let url: String?

  var testDescription: String { name }

  private static let simulator = DynamoDBSimulator()

  /// The engines that listen on ports, for what is a process of its own.
  static let served: [Engine] = {
    let setting = unsafe getenv("DUALTABLE_TEST_ENGINES").map { unsafe String(cString: $0) } ?? ""
    return setting.split(separator: ",").compactMap { part in
      let pair = part.split(separator: "=", maxSplits: 1)
      return pair.count == 2 ? Engine(name: String(pair[0]), url: String(pair[1])) : nil
    }
  }()

  static let all = [Engine(name: "simulator", url: nil)] + served

  /// What suites without served engines say.
  static let absence: Comment = "no engine runs: DUALTABLE_TEST_ENGINES is not set (Tests/run starts engines and sets it)"

  /// Runs `body` with a client of this engine.
  func withClient<Value>(retry: RetryPolicy = .requestPath, _ body: (DynamoDBClient) async throws -> Value) async throws -> Value {
    let client = try client(retry)
    do {
      let value = try await body(client)
      await client.shutdown()
      return value
    } catch {
      await client.shutdown()
      throw error
    }
  }

  private func client(_ retry: RetryPolicy) throws -> DynamoDBClient {
    guard let url else { return Self.simulator.client(retry: retry) }
    return DynamoDBClient(
      configuration: .init(
        endpoint: try .resolve(environment: [:], region: "eu-central-1", url: url),
        credentials: StaticCredentialProvider(try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")), retry: retry))
  }
}
