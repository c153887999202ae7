import AWSAuth
import DynamoDBClient
import HTTPTransport
import Telemetry
import TestSupport

/// A client over a script, with a clock that doesn't wait.
struct TestClient {
  let client: DynamoDBClient
  let transport: ScriptedTransport
  let clock = SteppedClock()

  init(
    _ script: [ScriptedTransport.Step], credentials: (any CredentialProvider)? = nil, retry: RetryPolicy = .requestPath,
    wallClock: WallClock = WallClock { 1_700_000_000_000 }, seed: UInt64 = 1, telemetry: TelemetrySinks = .none,
    onPull: @escaping @Sendable () -> Void = {}
  ) throws {
    transport = ScriptedTransport(script, onPull: onPull)
    let endpoint = try DynamoDBEndpoint.resolve(environment: [:], region: "eu-central-1", url: "http://127.0.0.1:8000")
    var configuration = DynamoDBClient.Configuration(
      endpoint: endpoint,
      credentials: try credentials ?? StaticCredentialProvider(AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")),
      retry: retry)
    configuration.telemetry = telemetry
    client = DynamoDBClient(configuration: configuration, transport: transport, wallClock: wallClock, clock: clock, seed: seed)
  }
}

/// The bytes of a request, as text.
func body(_ request: some RequestBody) -> String {
  var bytes = ByteBuffer()
  request.encode(into: &bytes)
  return String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
}

/// What `call` makes of an answer with this body.
func answered<Output>(_ body: String, _ call: (DynamoDBClient) async throws -> Output) async throws -> Output {
  try await call(try TestClient([.answer(200, body)]).client)
}

/// What `body` throws; nil where it throws nothing.
func failure<Value>(_ body: () async throws(DynamoDBError) -> Value) async -> DynamoDBError? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}

extension HTTPTransportError {
  static let reset = HTTPTransportError(.receive, mayHaveArrived: true, "The connection was reset.")
  static let late = HTTPTransportError(.timeout, mayHaveArrived: true, "No answer within 30 s.")
  static let refused = HTTPTransportError(.connect, mayHaveArrived: false, "Nothing listens there.")
}

/// An error answer as the service spells it.
func refusal(_ code: String, status: Int = 400, more: String = "") -> ScriptedTransport.Step {
  .answer(status, #"{"__type":"com.amazonaws.dynamodb.v20120810#\#(code)","message":"words"\#(more)}"#)
}
