internal import AWSAuth
internal import CurlTransport
internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBModel
internal import Glibc
internal import HTTPTransport
internal import Telemetry

/// What is measured: one item of 730 bytes on the wire, and a shipped mapping that moves, renames and retypes what is nested in it.
enum Workload {
  /// The id's place in an item; the server and the limit write other digits there.
  static let id = "u-000000000000"
  static let idDigits = 12
  static let oldTable = "users"
  static let newTable = "users-v2"
  static let region = "us-east-1"
  static let accessKeyID = "BENCHMARKBENCHMARKBE"
  static let secretAccessKey = "benchmarkbenchmarkbenchmarkbenchmarkbenc"

  /// Bytes of each item.
  static let itemBytes = 730

  /// An item of OLD in wire form: what the mapping touches, a little more, and a text.
  static let item = ItemShape.users.item

  /// Where the digits of each id in `text` begin, in bytes.
  static func digitsOffsets(in text: String) -> [Int] {
    let bytes = Array(text.utf8)
    let digits = Array(id.utf8.suffix(idDigits))
    let letters = Array(id.utf8.prefix(id.utf8.count - idDigits))
    return (0..<max(0, bytes.count - digits.count - letters.count)).filter { start in
      bytes[start...].starts(with: letters) && bytes[(start + letters.count)...].prefix(idDigits).allSatisfy { 48...57 ~= $0 }
    }.map { $0 + letters.count }
  }

  /// A mapping as it is shipped.
  static func compiledMapping(_ file: String = "users.yaml") throws(Failure) -> CompiledMapping {
    let path = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/Mappings/\(file)"
    do {
      return try CompiledMapping(yaml: contents(of: path), file: file)
    } catch {
      throw Failure("the mapping: \(error)")
    }
  }

  private static func contents(of path: String) throws(Failure) -> [UInt8] {
    guard let file = fopen(path, "r") else { throw Failure("can't open \(path)") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: CompiledMapping.largestFile)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return bytes
  }

  /// `item` as NEW has it.
  static func convertedItem() throws(Failure) -> String {
    do {
      guard let converted = try compiledMapping().convert(Item(wire: item.utf8.span)).first else {
        throw Failure("the mapping skips the item")
      }
      var wire = ByteBuffer()
      converted.encode(into: &wire)
      return String(decoding: wire.span.indices.map { wire[$0] }, as: UTF8.self)
    } catch {
      throw Failure("the mapping: \(error)")
    }
  }

  /// A client of the null server.
  static func client(port: Int, isSecure: Bool = false, over transport: CurlTransport, telemetry: TelemetrySinks = .none) throws
    -> DynamoDBClient
  {
    let credentials = try AWSCredentials(accessKeyID: Workload.accessKeyID, secretAccessKey: Workload.secretAccessKey)
    let endpoint = DynamoDBEndpoint(region: Workload.region, origin: HTTPOrigin(isSecure: isSecure, host: "127.0.0.1", port: port))
    var configuration = DynamoDBClient.Configuration(endpoint: endpoint, credentials: StaticCredentialProvider(credentials))
    configuration.telemetry = telemetry
    return DynamoDBClient(
      configuration: configuration, transport: transport, wallClock: .system, clock: ContinuousClock(), seed: 1)
  }

  /// What a child process that puts has to say in the end.
  static func report(seconds: Double, error: String?, blocks: UInt64? = nil) throws(Failure) {
    let usage = try Usage.current()
    var fields = Fields()
    if let error { fields.set("error", error) }
    fields.set("seconds", seconds)
    fields.set("cpu", usage.seconds)
    fields.set("peak", usage.peakBytes)
    if let blocks { fields.set("blocks", blocks) }
    Terminal.write(fields.text)
  }
}
