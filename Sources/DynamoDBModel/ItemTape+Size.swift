internal import HTTPTransport

extension ItemTape {
  /// The item's size as the service counts it, in bytes; see `AttributeMap.sizeInBytes`.
  package func sizeInBytes(_ bytes: Span<UInt8>) -> Int {
    var size = 0
    var child = 1
    while child < nodes[0].end {
      size += nameSize(of: child, bytes) + sizeInBytes(of: child, bytes)
      child = nodes[child].end
    }
    return size
  }

  /// The share of the value at `index` in the item's size, without its name.
  package func sizeInBytes(of index: Int, _ bytes: Span<UInt8>) -> Int {
    let node = nodes[index]
    switch node.type {
    case .string:
      return node.contentEscaped ? JSONText.unescapedCount(bytes, node.contentRange) : node.contentRange.count
    case .number: return decimal(of: index, bytes).sizeInBytes
    case .binary:
      guard node.contentEscaped else { return Base64.decodedCount(bytes, node.contentRange) }
      var plain = ByteBuffer(capacity: node.contentRange.count)
      Self.appendContent(of: node, bytes, to: &plain)
      return Base64.decodedCount(plain.span, 0..<plain.count)
    case .bool, .null: return 1
    case .list, .map, .stringSet, .numberSet, .binarySet:
      var size = node.type.isSet ? 0 : 3
      var child = index + 1
      while child < node.end {
        if !node.type.isSet { size += 1 + nameSize(of: child, bytes) }
        size += sizeInBytes(of: child, bytes)
        child = nodes[child].end
      }
      return size
    }
  }

  /// The share of the name of the node at `index`.
  package func nameSize(of index: Int, _ bytes: Span<UInt8>) -> Int {
    let node = nodes[index]
    return node.nameEscaped ? JSONText.unescapedCount(bytes, node.nameRange) : node.nameRange.count
  }

  /// The value of the number at `index`.
  package func decimal(of index: Int, _ bytes: Span<UInt8>) -> Decimal38 {
    let node = nodes[index]
    do throws(DynamoDBModelError) {
      guard node.contentEscaped else { return try Decimal38(bytes.extracting(node.contentRange)) }
      var plain = ByteBuffer()
      Self.appendContent(of: node, bytes, to: &plain)
      return try Decimal38(plain.span)
    } catch {
      preconditionFailure("a number on the tape was judged when it was read")
    }
  }
}
