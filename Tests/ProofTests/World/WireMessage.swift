import AWSAuth
import DualTableRehearsal
import DynamoDBClient
import DynamoDBModel
import HTTPTransport

/// A signed request taken apart, for those who break rules: changed, it is signed again with the date that it had.
struct WireMessage {
  var operation: String
  private(set) var members: [JSONValue.Member]
  /// Milliseconds since 1970.
  var date: Int64

  init?(_ request: borrowing HTTPRequestBuffer) {
    let (message, content) = (request.message, request.body)
    let head = String(decoding: (0..<message.count - content.count).map { message[$0] }, as: UTF8.self)
    var fields: [Substring: Substring] = [:]
    for line in head.split(separator: "\r\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { fields[parts[0]] = parts[1].drop { $0 == " " } }
    }
    guard let target = fields["x-amz-target"]?.split(separator: ".").last, let text = fields["x-amz-date"],
      let date = SigningDate(parsing: String(text)), let members = (try? JSONValue(parsing: content))?.object
    else { return nil }
    operation = String(target)
    self.members = members
    self.date = date.seconds * 1_000
  }

  subscript(name: String) -> JSONValue? {
    get { members.first { $0.name == name }?.value }
    set {
      members.removeAll { $0.name == name }
      if let newValue { members.append(.init(name, newValue)) }
    }
  }

  var table: String { self["TableName"]?.string ?? "" }
  var condition: String { self["ConditionExpression"]?.string ?? "" }
  var isWrite: Bool { ["PutItem", "UpdateItem", "DeleteItem"].contains(operation) }

  /// Makes what the condition guards happen whatever it says.
  mutating func unguard(_ part: String? = nil) {
    let part = part ?? condition
    guard !part.isEmpty else { return }
    self["ConditionExpression"] = .string(condition.replacing(part, with: "(\(part) OR NOT \(part))", maxReplacements: 1))
  }

  /// The request, signed.
  func signed() -> HTTPRequestBuffer {
    var buffer = HTTPRequestBuffer()
    buffer.writeBody { JSONValue.object(members).encode(into: &$0) }
    var signer = RequestSigner(
      credentials: Machine.accessKey, region: Machine.endpoint.region, origin: Machine.endpoint.origin,
      target: "DynamoDB_20120810.\(operation)")
    signer.finish(&buffer, at: date)
    return buffer
  }
}

extension JSONValue {
  /// An object with one member changed.
  func setting(_ name: String, _ value: JSONValue) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.map { $0.name == name ? .init(name, value) : $0 })
  }
}
