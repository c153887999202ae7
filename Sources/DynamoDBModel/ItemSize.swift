extension AttributeMap {
  /// Bytes an item may have, attribute names included.
  public static let largestSize = 409_600

  /// The size as the service counts it for an item, in bytes: names and values.
  ///
  /// Text counts its UTF-8 bytes, a binary its raw bytes, BOOL and NULL 1, a number 1 and half a byte a significant digit (and 1 if
  /// negative), a list or map 3 and 1 an element, and what is in it.
  public var sizeInBytes: Int {
    var size = 0
    for (name, value) in self { size += name.utf8.count + value.sizeInBytes }
    return size
  }
}

extension AttributeValue {
  /// The value's share of an item's size, in bytes; see `AttributeMap.sizeInBytes`.
  public var sizeInBytes: Int {
    switch self {
    case .string(let text): text.utf8.count
    case .number(let number): number.decimal.sizeInBytes
    case .binary(let bytes): bytes.count
    case .bool, .null: 1
    case .list(let values): values.reduce(3) { $0 + 1 + $1.sizeInBytes }
    case .map(let map): 3 + map.count + map.sizeInBytes
    case .stringSet(let texts): texts.reduce(0) { $0 + $1.utf8.count }
    case .numberSet(let numbers): numbers.reduce(0) { $0 + $1.decimal.sizeInBytes }
    case .binarySet(let binaries): binaries.reduce(0) { $0 + $1.count }
    }
  }
}
