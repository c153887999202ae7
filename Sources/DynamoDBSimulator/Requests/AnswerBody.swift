internal import DynamoDBModel
internal import HTTPTransport

/// Writes one JSON object member by member.
struct AnswerBody: ~Copyable {
  private(set) var bytes: ByteBuffer
  private var isEmpty = true

  init(capacity: Int = 256) {
    bytes = ByteBuffer(capacity: capacity)
    bytes.append("{")
  }

  mutating func add(_ name: StaticString, _ value: JSONValue) {
    begin(name)
    value.encode(into: &bytes)
  }

  mutating func add(_ name: StaticString, _ item: StoredItem?) {
    guard let item else { return }
    begin(name)
    bytes.append(item.wire.span)
  }

  mutating func add(_ name: StaticString, _ item: Item?) {
    guard let item else { return }
    begin(name)
    item.encode(into: &bytes)
  }

  mutating func add(_ member: JSONValue.Member) {
    begin("")
    bytes.truncate(to: bytes.count - 3)
    bytes.appendJSON(member.name)
    bytes.append(":")
    member.value.encode(into: &bytes)
  }

  /// Begins a member that the caller writes.
  mutating func begin(_ name: StaticString) {
    bytes.append(isEmpty ? "\"" : ",\"")
    isEmpty = false
    bytes.append(name)
    bytes.append("\":")
  }

  /// Lets `write` append the value of the member that was begun.
  mutating func write(_ write: (inout ByteBuffer) -> Void) { write(&bytes) }

  /// Ends the object and gives it away.
  consuming func finish() -> ByteBuffer {
    bytes.append("}")
    return bytes
  }
}

extension JSONValue {
  /// A number of capacity units.
  static func units(_ value: Double) -> JSONValue { .number("\(value)") }

  static func object(_ members: (String, JSONValue?)...) -> JSONValue {
    .object(members.compactMap { name, value in value.map { Member(name, $0) } })
  }
}
