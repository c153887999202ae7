import DynamoDBModel
import HTTPTransport
import Testing

@testable import DynamoDBSimulator

/// A service and its clock: requests as JSON in, answers as JSON out.
struct ServiceBench: ~Copyable {
  var service: SimulatedService
  /// Milliseconds since 1970 UTC.
  var now: Int64 = 1_700_000_000_000
  private var workspace = Workspace()

  init(_ change: (inout SimulatedService.Settings) -> Void = { _ in }) {
    var settings = SimulatedService.Settings()
    change(&settings)
    service = SimulatedService(settings)
  }

  /// With the table `plain`, keyed by `id` (S), and `rich`, keyed by `pk` (S) and `sk` (N), with a global index `by-g` of keys only on `g`
  /// (S) and `h` (N) and a local index `by-l` on `l` (S) that has `x`.
  static func withTables(_ change: (inout SimulatedService.Settings) -> Void = { _ in }) -> ServiceBench {
    var bench = ServiceBench(change)
    bench.succeed(
      "CreateTable",
      """
      {"TableName":"plain","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],
      "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}
      """)
    bench.succeed("CreateTable", Self.rich)
    return bench
  }

  static let rich = """
    {"TableName":"rich","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},
    {"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"h","AttributeType":"N"},
    {"AttributeName":"l","AttributeType":"S"}],
    "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
    "GlobalSecondaryIndexes":[{"IndexName":"by-g","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},
    {"AttributeName":"h","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],
    "LocalSecondaryIndexes":[{"IndexName":"by-l","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},
    {"AttributeName":"l","KeyType":"RANGE"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x"]}}]}
    """

  /// The answer, its members in the order of their names.
  mutating func send(_ operation: String, _ body: String) -> (status: Int, answer: JSONValue) {
    do throws(ServiceError) {
      let request = try ServiceRequest(
        target: "DynamoDB_20120810.\(operation)", body: ByteBuffer(body.utf8), at: now, from: Caller())
      return (200, Self.read(try service.answer(request, &workspace)))
    } catch {
      return (error.status, Self.read(error.body()))
    }
  }

  private static func read(_ bytes: consuming ByteBuffer) -> JSONValue { (try? JSONValue(parsing: bytes.span).sorted) ?? .null }

  @discardableResult
  mutating func succeed(_ operation: String, _ body: String, _ location: SourceLocation = #_sourceLocation) -> JSONValue {
    let (status, answer) = send(operation, body)
    #expect(status == 200, "\(operation) \(body): \(answer.text)", sourceLocation: location)
    return answer
  }
}

extension JSONValue {
  /// The members of every object in the order of their names.
  var sorted: JSONValue {
    switch self {
    case .object(let members): .object(members.map { .init($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
    case .array(let values): .array(values.map(\.sorted))
    default: self
    }
  }

  var text: String {
    var bytes = ByteBuffer()
    encode(into: &bytes)
    return String(copying: bytes.span)
  }
}
