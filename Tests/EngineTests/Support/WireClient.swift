import AWSAuth
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import Testing

/// Sends requests whose JSON nobody looks at, and gives back what comes: to an engine by HTTP, to the simulator at the transport's seam.
struct WireClient: Sendable {
  /// What came back.
  struct Answer: Sendable {
    let status: Int
    let body: JSONValue

    /// The error's code, without what stands before `#`.
    var code: String? { body["__type"]?.string?.split(separator: "#").last.map { String($0) } }
    /// The error's text, whichever way its name is written.
    var message: String? { body["message"]?.string ?? body["Message"]?.string }
    /// True for a refusal; an engine that broke down isn't one.
    var isRefusal: Bool { status == 400 }
  }

  /// Nothing came back that could be read.
  struct Failure: Error {
    let cause: String
  }

  /// The engine's name.
  let name: String
  private let transport: any HTTPTransport
  private let origin: HTTPOrigin

  /// Runs `body` with the simulator, named `simulator`, and one of every engine whose differences the cases name.
  static func withAll<Value: Sendable>(_ body: @Sendable @escaping (WireClient) async throws -> Value) async throws -> [Value] {
    let simulator = DynamoDBSimulator().client()
    let own = WireClient(name: "simulator", transport: simulator.transport, origin: simulator.origin)
    return try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask { try await body(own) }
      // `local` is the simulator once more.
      for engine in Engine.served where !["ministack", "local"].contains(engine.name) {
        group.addTask {
          try await engine.withClient { client in
            try await body(WireClient(name: engine.name, transport: client.transport, origin: client.origin))
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  func call(_ operation: String, _ body: JSONValue) async throws -> Answer {
    let signer = RequestSigner(
      credentials: try AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"), region: "eu-central-1", origin: origin,
      target: "DynamoDB_20120810.\(operation)")
    let source = WireSource(body, signer)
    await transport.perform(source, at: origin, timeouts: HTTPTimeouts())
    switch source.outcome {
    case .success(let answer)?: return answer
    case .failure(let failure)?: throw failure
    case nil: throw Failure(cause: "nothing was sent")
    }
  }

  /// Waits until the table and its indexes are active, or the table is gone.
  func settle(_ table: String) async throws {
    while true {
      let answer = try await call("DescribeTable", .object([.init("TableName", .string(table))]))
      guard let description = answer.body["Table"] else { return }
      let states = [description] + (description["GlobalSecondaryIndexes"]?.array ?? [])
      if states.allSatisfy({ ["ACTIVE", nil].contains(($0["TableStatus"] ?? $0["IndexStatus"])?.string) }) { return }
      try await ContinuousClock().sleep(for: .milliseconds(5))
    }
  }

  /// Makes a table, or a new one in place of what is there.
  func remake(_ table: String, _ keys: KeySchema) async throws {
    _ = try await call("DeleteTable", .object([.init("TableName", .string(table))]))
    try await settle(table)
    let attributes = keys.attributes.map {
      JSONValue.object([.init("AttributeName", .string($0.name)), .init("AttributeType", .string($0.type.rawValue))])
    }
    let schema = zip(keys.attributes, ["HASH", "RANGE"]).map { attribute, type in
      JSONValue.object([.init("AttributeName", .string(attribute.name)), .init("KeyType", .string(type))])
    }
    let answer = try await call(
      "CreateTable",
      .object([
        .init("TableName", .string(table)), .init("AttributeDefinitions", .array(attributes)), .init("KeySchema", .array(schema)),
        .init("BillingMode", .string("PAY_PER_REQUEST")),
      ]))
    guard answer.status == 200 else { throw Failure(cause: "\(name) makes no table: \(answer.message ?? "")") }
    try await settle(table)
  }
}

/// Sound as `@unchecked Sendable`: while `perform` runs only the transport calls it, afterwards only the caller.
private final class WireSource: HTTPRequestSource, @unchecked Sendable {
  private let body: JSONValue
  private var signer: RequestSigner
  private(set) var mayHaveMore = true
  private(set) var outcome: Result<WireClient.Answer, WireClient.Failure>?

  init(_ body: JSONValue, _ signer: consuming RequestSigner) {
    self.body = body
    self.signer = signer
  }

  func nextRequest(into request: inout HTTPRequestBuffer) -> Int? {
    guard mayHaveMore else { return nil }
    mayHaveMore = false
    request.writeBody { body.encode(into: &$0) }
    signer.finish(&request, at: WallClock.system.now())
    return 0
  }

  func answered(_ token: Int, _ answer: inout HTTPAnswer) {
    let body = try? JSONValue(parsing: answer.bodySpan)
    // What isn't JSON at all comes from engines that broke down.
    outcome = .success(WireClient.Answer(status: answer.status, body: body ?? .null))
  }

  func failed(_ token: Int, _ error: HTTPTransportError) { outcome = .failure(WireClient.Failure(cause: "\(error)")) }
}
