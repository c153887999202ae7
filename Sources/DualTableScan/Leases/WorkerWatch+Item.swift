internal import DynamoDBModel
internal import MigrationControl

extension WorkerWatch.Beat {
  /// The attributes beside the key.
  var attributes: Item {
    ["name": .string(name), "nonce": .number(DynamoDBNumber(nonce)), "claim": .number(DynamoDBNumber(claim))]
  }

  init(item: Item) throws(MigrationControlError) {
    let fields = ItemFields(item: item, what: "worker")
    self.init(name: try fields.text("name"), nonce: try fields.integer("nonce"), claim: try fields.integer("claim"))
    guard (0...BudgetShare.whole).contains(claim) else { throw fields.damaged("claim") }
  }
}
