package import HTTPTransport

/// Finds the key attributes of items on a tape; made once a table.
package struct KeyReader: Sendable {
  /// The schema that says which they are.
  package let schema: KeySchema
  private let hashName: [UInt8]
  private let rangeName: [UInt8]?

  package init(_ schema: KeySchema) {
    self.schema = schema
    hashName = Array(schema.hash.name.utf8)
    rangeName = schema.range.map { Array($0.name.utf8) }
  }

  /// The nodes of the key attributes.
  ///
  /// - Throws: `keyMissing`, `keyWrongType`, `keyEmpty` or `keyTooLong`, with the offset of the attribute or the item.
  package func nodes(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>) throws(DynamoDBModelError) -> (hash: Int, range: Int?) {
    let hash = try node(hashName.span, schema.hash.type, isHash: true, tape, bytes)
    guard let rangeName, let range = schema.range else { return (hash, nil) }
    return (hash, try node(rangeName.span, range.type, isHash: false, tape, bytes))
  }

  private func node(
    _ name: Span<UInt8>, _ type: ScalarType, isHash: Bool, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>
  ) throws(DynamoDBModelError) -> Int {
    guard let index = tape.child(named: name, bytes) else {
      throw DynamoDBModelError(.keyMissing, at: tape[0].valueRange.lowerBound)
    }
    let node = tape[index]
    guard node.type == AttributeType(type) else { throw DynamoDBModelError(.keyWrongType, at: node.valueRange.lowerBound) }
    do throws(DynamoDBModelError) {
      try KeySchema.check(length: tape.sizeInBytes(of: index, bytes), of: node.type, isHash: isHash)
    } catch {
      throw DynamoDBModelError(error.code, at: node.valueRange.lowerBound)
    }
    return index
  }

  /// Appends the canonical form of the key's values, partition key first: what `KeySchema.appendCanonicalKey` appends for the same item.
  package func appendCanonicalKey(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>, to out: inout ByteBuffer) throws(DynamoDBModelError) {
    let (hash, range) = try nodes(tape, bytes)
    tape.appendCanonical(of: hash, bytes, to: &out)
    if let range { tape.appendCanonical(of: range, bytes, to: &out) }
  }
}
