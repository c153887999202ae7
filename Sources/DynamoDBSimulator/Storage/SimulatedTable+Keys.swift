internal import DynamoDBModel
internal import HTTPTransport

extension SimulatedTable {
  /// The place of the item on the tape, if the service takes its keys, those of indexes included.
  func place(
    ofItem tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ByteBuffer
  ) throws(ServiceError) -> Place {
    let nodes = key.nodes(tape, bytes)
    try Self.judge(schema.hash, nodes.hash, isHash: true, tape, bytes)
    if let range = schema.range { try Self.judge(range, nodes.range, isHash: false, tape, bytes) }
    for index in indexes { try index.judge(tape, bytes) }
    return key.place(nodes, tape, bytes, &scratch)
  }

  /// The place of the item whose key is on the tape: its key attributes and nothing else.
  func place(
    ofKey tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ByteBuffer
  ) throws(ServiceError) -> Place {
    let nodes = key.nodes(tape, bytes)
    guard nodes.hash != 0, tape[nodes.hash].type == AttributeType(schema.hash.type) else { throw .keyMismatch }
    if let range = schema.range {
      guard nodes.range != 0, tape[nodes.range].type == AttributeType(range.type) else { throw .keyMismatch }
    }
    guard tape.count == schema.attributes.count + 1 else { throw .keyMismatch }
    try Self.judge(schema.hash, nodes.hash, isHash: true, tape, bytes)
    if let range = schema.range { try Self.judge(range, nodes.range, isHash: false, tape, bytes) }
    return key.place(nodes, tape, bytes, &scratch)
  }

  private static func judge(
    _ attribute: KeySchema.Attribute, _ node: Int, isHash: Bool, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>
  ) throws(ServiceError) {
    guard node != 0 else { throw .invalidParameter("Missing the key \(attribute.name) in the item") }
    let type = tape[node].type
    guard type == AttributeType(attribute.type) else {
      throw .invalidParameter("Type mismatch for key \(attribute.name) expected: \(attribute.type.rawValue) actual: \(type.name)")
    }
    guard type != .number else { return }
    let size = tape.sizeInBytes(of: node, bytes)
    guard size > 0 else { throw .keyEmpty(attribute.name, type) }
    guard size <= (isHash ? KeySchema.longestHash : KeySchema.longestRange) else { throw .keyTooLong(isHash: isHash) }
  }
}
