internal import DynamoDBModel

extension ControlItem {
  /// The attributes beside the key.
  internal var attributes: Item {
    var item: Item = [
      "phase": .string(phase.description), "epoch": .number(DynamoDBNumber(epoch)), "mapping": .string(mapping),
    ]
    if let next {
      item["next"] = .map([
        "to": .string(next.to.description), "stage": .string(next.stage.rawValue), "acceptUnresolved": .bool(next.acceptUnresolved),
        "fenced": .bool(next.fenced),
      ])
    }
    if let ttlOffSince { item["ttlOffSince"] = .number(DynamoDBNumber(ttlOffSince)) }
    return item
  }

  internal init(item: Item) throws(MigrationControlError) {
    let fields = ItemFields(item: item, what: "control item")
    var next: Switch?
    if let parts = try fields.map("next") {
      guard let stage = Switch.Stage(rawValue: try parts.text("stage")) else { throw fields.damaged("stage") }
      next = Switch(
        to: try parts.phase("to"), stage: stage, acceptUnresolved: try parts.flag("acceptUnresolved"), fenced: try parts.flag("fenced"))
    }
    self.init(
      phase: try fields.phase("phase"), next: next, epoch: try fields.integer("epoch"), mapping: try fields.text("mapping"),
      ttlOffSince: try fields.integerIfThere("ttlOffSince"))
  }
}
