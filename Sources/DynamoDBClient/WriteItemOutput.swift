public import DynamoDBModel

/// What the write of one item answers.
public struct WriteItemOutput: Sendable, Hashable {
  /// The attributes that the request asked for with `returnValues`.
  public var attributes: Item?
  /// What the request cost, if it asked.
  public var consumedCapacity: ConsumedCapacity?
  /// The size of the item's collection, if the request asked and the table has local indexes.
  public var itemCollectionMetrics: ItemCollectionMetrics?

  /// Makes an answer, as a test double gives it.
  public init(attributes: Item? = nil, consumedCapacity: ConsumedCapacity? = nil, itemCollectionMetrics: ItemCollectionMetrics? = nil) {
    self.attributes = attributes
    self.consumedCapacity = consumedCapacity
    self.itemCollectionMetrics = itemCollectionMetrics
  }
}

extension WriteItemOutput {
  init(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) {
    self.init()
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "Attributes") {
        attributes = try members.item(body, &tape)
      } else if body.equals(name, "ConsumedCapacity") {
        consumedCapacity = ConsumedCapacity(try members.json(body))
      } else if body.equals(name, "ItemCollectionMetrics") {
        itemCollectionMetrics = try ItemCollectionMetrics(&members, body, &tape)
      } else {
        try members.skip(body)
      }
    }
    try members.finish(body)
  }
}
