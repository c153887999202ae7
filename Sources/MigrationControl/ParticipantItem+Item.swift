internal import DynamoDBModel

extension ParticipantItem {
  /// The attributes beside the key.
  internal var attributes: Item {
    var item: Item = [
      "name": .string(name), "nonce": .number(DynamoDBNumber(nonce)), "acknowledged": .number(DynamoDBNumber(acknowledged)),
      "unmanaged": .bool(unmanaged), "fallbacks": .number(DynamoDBNumber(fallbacks)),
    ]
    if let unresolvedUntil { item["unresolvedUntil"] = .number(DynamoDBNumber(unresolvedUntil)) }
    if let lastFallback { item["lastFallback"] = .number(DynamoDBNumber(lastFallback)) }
    if let lastBeat { item["lastBeat"] = .number(DynamoDBNumber(lastBeat)) }
    return item
  }

  internal init(item: Item) throws(MigrationControlError) {
    let fields = ItemFields(item: item, what: "participant")
    self.init(
      name: try fields.text("name"), nonce: try fields.integer("nonce"), acknowledged: try fields.integer("acknowledged"),
      unresolvedUntil: try fields.integerIfThere("unresolvedUntil"), unmanaged: try fields.flag("unmanaged"),
      fallbacks: try fields.integer("fallbacks"), lastFallback: try fields.integerIfThere("lastFallback"),
      lastBeat: try fields.integerIfThere("lastBeat"))
  }
}
