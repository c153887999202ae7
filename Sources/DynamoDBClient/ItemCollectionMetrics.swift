public import DynamoDBModel

/// How large the collection of items is that a write touched, in a table with local indexes.
public struct ItemCollectionMetrics: Sendable, Hashable {
  /// The collection's partition key.
  public var itemCollectionKey: Item?
  /// Lower and upper bound in GB.
  public var sizeEstimateRangeGB: [Double] = []
}

extension ItemCollectionMetrics {
  init(_ body: Span<UInt8>, _ range: Range<Int>) throws(AnswerError) {
    var members = try JSONCursor(object: body, at: range.lowerBound)
    while let (name, value) = try members.nextMember(body) {
      if spells(body, name, "ItemCollectionKey") {
        itemCollectionKey = try readItem(body, value)
      } else if spells(body, name, "SizeEstimateRangeGB") {
        sizeEstimateRangeGB = (try readJSON(body, value).array ?? []).compactMap(\.double)
      }
    }
  }
}
