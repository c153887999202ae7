internal import DynamoDBModel

/// Where an item stands in a table or an index: by the hash of its partition key, then by its key.
struct Place: Sendable, Comparable {
  let hash: UInt64
  /// The key's values in a form whose bytes sort as the values do; an index has the table's key behind its own.
  let key: [UInt8]

  /// What the keys of all items with the same partition key begin with.
  var partition: [UInt8] {
    var index = 0
    while index + 1 < key.count {
      if key[index] == 0 && key[index + 1] == 0 { return Array(key[...(index + 1)]) }
      index += key[index] == 0 ? 2 : 1
    }
    return key
  }

  /// Before all others.
  static let first = Place(hash: 0, key: [])

  static func == (left: Self, right: Self) -> Bool { left.hash == right.hash && UTF8Text.equal(left.key.span, right.key.span) }

  static func < (left: Self, right: Self) -> Bool {
    left.hash == right.hash ? UTF8Text.less(left.key.span, right.key.span) : left.hash < right.hash
  }

  /// Before every place with this hash whose key sorts behind all that begin with `prefix`, and behind those.
  static func end(hash: UInt64, of prefix: [UInt8]) -> Place {
    var bound = prefix
    while let last = bound.popLast() {
      guard last == 0xFF else {
        bound.append(last + 1)
        return Place(hash: hash, key: bound)
      }
    }
    preconditionFailure("a partition key's form ends with a zero")
  }
}
