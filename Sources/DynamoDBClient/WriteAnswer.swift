internal import DynamoDBModel

/// What the answers of PutItem, UpdateItem and DeleteItem hold.
struct WriteAnswer {
  var attributes: Item?
  var consumedCapacity: ConsumedCapacity?
  var itemCollectionMetrics: ItemCollectionMetrics?

  init(_ body: Span<UInt8>) throws(AnswerError) {
    var members = try JSONCursor(object: body, at: 0)
    while let (name, value) = try members.nextMember(body) {
      if spells(body, name, "Attributes") {
        attributes = try readItem(body, value)
      } else if spells(body, name, "ConsumedCapacity") {
        consumedCapacity = try ConsumedCapacity(readJSON(body, value))
      } else if spells(body, name, "ItemCollectionMetrics") {
        itemCollectionMetrics = try ItemCollectionMetrics(body, value)
      }
    }
  }
}
