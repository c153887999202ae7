internal import DynamoDBModel
internal import HTTPTransport

extension KeySchema {
  /// The key that `canonical` is the canonical form of; nil if it isn't one of this schema's.
  func key(canonical: Span<UInt8>) -> Item? {
    var key = Item()
    var offset = 0
    for attribute in attributes {
      guard canonical.count - offset >= 5, canonical[offset] == AttributeType(attribute.type).rawValue else { return nil }
      let size = (0..<4).reduce(0) { $0 | Int(canonical[offset + 1 + $1]) << (8 * $1) }
      let start = offset + 5
      guard size <= canonical.count - start else { return nil }
      let content = (start..<(start + size)).map { canonical[$0] }
      switch attribute.type {
      case .string: key[attribute.name] = .string(String(decoding: content, as: UTF8.self))
      case .binary: key[attribute.name] = .binary(content)
      case .number:
        guard let number = try? DynamoDBNumber(String(decoding: content, as: UTF8.self)) else { return nil }
        key[attribute.name] = .number(number)
      }
      offset = start + size
    }
    return offset == canonical.count ? key : nil
  }
}
