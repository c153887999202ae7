internal import DynamoDBModel

/// What the answers of PutItem, UpdateItem and DeleteItem hold.
struct WriteAnswer {
  var attributes: Item?
  var consumedCapacity: ConsumedCapacity?
  var itemCollectionMetrics: ItemCollectionMetrics?

  init(_ body: Span<UInt8>) throws(DynamoDBModelError) {
    var members = try JSONObjectReader(body)
    while let name = try members.next(body) {
      if body.equals(name, "Attributes") {
        attributes = try members.item(body)
      } else if body.equals(name, "ConsumedCapacity") {
        consumedCapacity = ConsumedCapacity(try members.json(body))
      } else if body.equals(name, "ItemCollectionMetrics") {
        itemCollectionMetrics = try ItemCollectionMetrics(&members, body)
      } else {
        try members.skip(body)
      }
    }
    try members.finish(body)
  }
}
