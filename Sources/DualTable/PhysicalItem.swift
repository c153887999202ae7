package import DynamoDBModel

/// What stands in NEW under one key.
package enum PhysicalItem: Sendable, Hashable {
  /// Nothing: the key's value is what OLD has.
  case missing
  /// The value.
  case live(Item)
  /// The mark that the value was deleted, whatever OLD says.
  case tombstone

  /// Tells what an answer's item is; `reserved` is the attribute that only tombstones have.
  package init(_ item: Item?, reserved: String) {
    self = item.map { $0[reserved] == nil ? .live($0) : .tombstone } ?? .missing
  }
}
