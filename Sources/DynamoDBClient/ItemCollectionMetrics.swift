public import DynamoDBModel

/// How large the collection of items is that a write touched, in a table with local indexes.
public struct ItemCollectionMetrics: Sendable, Hashable {
  /// The collection's partition key.
  public var itemCollectionKey: Item?
  /// Lower and upper bound in GB.
  public var sizeEstimateRangeGB: [Double] = []
}

extension ItemCollectionMetrics {
  /// Reads the object that `outer` stands on.
  init(_ outer: inout JSONObjectReader, _ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) {
    var members = try JSONObjectReader(body, at: outer.offset)
    while let name = try members.next(body) {
      if body.equals(name, "ItemCollectionKey") {
        itemCollectionKey = try members.item(body, &tape)
      } else if body.equals(name, "SizeEstimateRangeGB") {
        sizeEstimateRangeGB = (try members.json(body).array ?? []).compactMap(\.double)
      } else {
        try members.skip(body)
      }
    }
    outer.offset = members.offset
  }

  /// Reads the object of arrays that `outer` stands on.
  static func byTable(
    _ outer: inout JSONObjectReader, _ body: Span<UInt8>, _ tape: inout ItemTape
  ) throws(DynamoDBModelError) -> [String: [ItemCollectionMetrics]] {
    var found: [String: [ItemCollectionMetrics]] = [:]
    try outer.object(body) { table, values throws(DynamoDBModelError) in
      var metrics: [ItemCollectionMetrics] = []
      try values.array(body) { elements throws(DynamoDBModelError) in
        metrics.append(try ItemCollectionMetrics(&elements, body, &tape))
      }
      found[table] = metrics
    }
    return found
  }
}
