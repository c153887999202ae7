internal import DynamoDBModel
internal import HTTPTransport

// A value as the type that the service model gives it; what is of another JSON type is refused in the words of the service's parser.
extension JSONValue {
  init(of bytes: Span<UInt8>) throws(ServiceError) {
    do {
      try self.init(parsing: bytes)
    } catch {
      throw .serialization("")
    }
  }

  var isNull: Bool { if case .null = self { true } else { false } }

  func text() throws(ServiceError) -> String {
    guard let string else { throw refusal("String") }
    return string
  }

  func whole() throws(ServiceError) -> Int {
    if let integer { return integer }
    guard case .number(let text) = self, let double = Double(text), abs(double) < 1e18 else { throw refusal("Integer") }
    return Int(double.rounded(.down))
  }

  /// Whatever the service takes for true and false.
  func truth() throws(ServiceError) -> Bool {
    if let bool { return bool }
    guard let string else { throw refusal("Boolean") }
    switch string.uppercased() {
    case "TRUE", "1", "YES": return true
    case "FALSE", "0", "NO": return false
    default: throw .serialization("Unexpected token received from parser")
    }
  }

  func elements() throws(ServiceError) -> [JSONValue] {
    switch self {
    case .array(let values): return values
    case .object: throw .serialization("Start of structure or map found where not expected")
    default: throw .serialization("Unexpected field type")
    }
  }

  /// The members of a map, without those that are null.
  ///
  /// - Parameter shape: what its values are called.
  func members(_ shape: String) throws(ServiceError) -> [Member] {
    switch self {
    case .object(let members): return members.filter { !$0.value.isNull }
    case .array:
      let name = shape.contains(".") ? shape : "com.amazonaws.dynamodb.v20120810.\(shape)"
      throw .serialization("Unrecognized collection type java.util.Map<java.lang.String, \(name)>")
    default: throw .serialization("Unexpected field type")
    }
  }

  /// A structure's member; nil where it is missing or null.
  func member(_ name: String) -> JSONValue? { self[name].flatMap { $0.isNull ? nil : $0 } }

  /// The value in wire form.
  var wire: ByteBuffer {
    var bytes = ByteBuffer(capacity: 256)
    encode(into: &bytes)
    return bytes
  }

  private func refusal(_ type: String) -> ServiceError {
    switch self {
    case .null: .serialization("")
    case .bool(let value): .serialization("\(value ? "TRUE_VALUE" : "FALSE_VALUE") cannot be converted to \(type)")
    case .number(let text):
      .serialization("\(text.contains { ".eE".contains($0) } ? "DECIMAL_VALUE" : "NUMBER_VALUE") cannot be converted to \(type)")
    case .string: .serialization("STRING_VALUE cannot be converted to \(type)")
    case .array: .serialization("Unrecognized collection type class java.lang.\(type)")
    case .object: .serialization("Start of structure or map found where not expected")
    }
  }
}
