internal import DynamoDBModel
internal import HTTPTransport

/// Writes one JSON object member by member.
struct AnswerBody: ~Copyable {
  private(set) var bytes = ByteBuffer(capacity: 256)
  private var isEmpty = true

  init() { bytes.append("{") }

  mutating func add(_ name: String, _ value: JSONValue) {
    begin(name)
    value.encode(into: &bytes)
  }

  mutating func add(_ name: String, _ item: Item?) {
    guard let item else { return }
    begin(name)
    item.encode(into: &bytes)
  }

  mutating func add(_ name: String, _ items: [Item]) {
    begin(name)
    bytes.append("[")
    for (index, item) in items.enumerated() {
      if index > 0 { bytes.append(",") }
      item.encode(into: &bytes)
    }
    bytes.append("]")
  }

  /// `ConsumedCapacity`, if the request asked for it.
  mutating func addCapacity(_ request: borrowing ServiceRequest, table: String, units: Double) throws(ServiceError) {
    guard let choice = try request.string("ReturnConsumedCapacity"), choice != "NONE" else { return }
    add("ConsumedCapacity", Self.capacity(table, units))
  }

  static func capacity(_ table: String, _ units: Double) -> JSONValue {
    .object([.init("TableName", .string(table)), .init("CapacityUnits", .number("\(units)"))])
  }

  /// Ends the object and gives it away.
  consuming func finish() -> ByteBuffer {
    bytes.append("}")
    return bytes
  }

  private mutating func begin(_ name: String) {
    if !isEmpty { bytes.append(",") }
    isEmpty = false
    bytes.appendJSON(name)
    bytes.append(":")
  }
}
