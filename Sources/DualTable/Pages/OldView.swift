internal import DynamoDBExpressions
package import DynamoDBModel

/// What the merge of a query knows of OLD's items: pure functions of one.
package struct OldView: Sendable {
  /// Where the sort key of what an item yields comes of the item's own, and it yields one at most.
  package var sortKey: OldSortKey?
  /// False where OLD's items have another order than what they yield: then they come all at once.
  package var isOrdered = true
  /// The key behind which OLD is read on.
  package var start: @Sendable (_ item: Item) -> Item?
  /// What an item yields of what the query asks for.
  package var results: @Sendable (_ item: Item) throws(DualTableError) -> [ReadResult]
  package var convert: LateConversion

  package init(
    sortKey: OldSortKey? = nil, isOrdered: Bool = true, start: @escaping @Sendable (Item) -> Item?, convert: @escaping LateConversion,
    results: @escaping @Sendable (Item) throws(DualTableError) -> [ReadResult]
  ) {
    self.sortKey = sortKey
    self.isOrdered = isOrdered
    self.start = start
    self.results = results
    self.convert = convert
  }
}

/// OLD's sort key where NEW's is the same behind a text: an OLD item's place in NEW's order without converting the item.
package struct OldSortKey: Sendable {
  private let attribute: String
  private let prefix: String

  /// - Parameters:
  ///   - attribute: OLD's sort key.
  ///   - prefix: what stands before it in NEW's; none: it is copied, whatever its type.
  package init(_ attribute: String, behind prefix: String) {
    self.attribute = attribute
    self.prefix = prefix
  }

  /// Less than, equal to or more than zero as `new`, a sort key of NEW's, is less than that of what `old` yields, the same or greater; nil
  /// where that can't be told.
  package func compare(_ new: AttributeValue?, _ old: Item) -> Int? {
    guard let new, let own = old[attribute] else { return nil }
    guard !prefix.isEmpty else { return Condition.order(new, own) }
    guard case .string(let text) = new, case .string(let rest) = own else { return nil }
    return UTF8Text.compare(text, prefix: prefix, rest)
  }
}
