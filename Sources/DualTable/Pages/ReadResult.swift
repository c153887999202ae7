package import DynamoDBModel

/// What a page finds at one key of NEW's.
package struct ReadResult: Sendable {
  package enum Value: Sendable {
    case item(Item)
    /// What this item of OLD's yields at the key. It is converted when it is handed out: what NEW has needn't be convertible.
    case old(Item)
    /// Nothing to hand out: NEW says so.
    case hidden
  }

  /// NEW's key.
  package let key: Item
  /// What decides its place in the order.
  package let sort: AttributeValue?
  package var value: Value

  package init(key: Item, sort: AttributeValue? = nil, value: Value) {
    self.key = key
    self.sort = sort
    self.value = value
  }
}

/// An OLD item that a query of an index or a scan of OLD found, and what it yields.
package struct OldHit: Sendable {
  /// The key behind which OLD is read on once all of the item's results are passed; nil where OLD is always read from its beginning.
  package let start: Item?
  package var results: ArraySlice<ReadResult>

  /// The items that NEW has, or that were converted.
  internal var items: some Sequence<Item> {
    results.lazy.compactMap { result in if case .item(let item) = result.value { item } else { nil } }
  }

  package init(start: Item?, results: some Sequence<ReadResult>) {
    self.start = start
    self.results = ArraySlice(results)
  }
}

/// Converts an item of OLD's and picks what it yields at one key of NEW's; nil where it yields none.
package typealias LateConversion = @Sendable (_ old: Item, _ key: Item) throws(DualTableError) -> Item?
