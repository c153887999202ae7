internal import DynamoDBClient
internal import DynamoDBModel

extension ControlTable {
  private static let prefix = "step#"

  /// Keeps the record of a step, beside those of all others; for people to look back at, so nothing rests on its being there.
  package func record(_ step: StepRecord) async throws(MigrationControlError) {
    // Epochs grow, and so do these names, as text too.
    let number = String(step.epoch)
    let item = Self.prefix + String(repeating: "0", count: max(0, 10 - number.count)) + number
    _ = try await put(item, step.attributes, if: "attribute_not_exists(#item)", names: ["#item": "item"])
  }

  /// Every step that the migration has made, oldest first.
  package func steps() async throws(MigrationControlError) -> [StepRecord] {
    var steps: [StepRecord] = []
    for item in try await items(beginningWith: Self.prefix) { steps.append(try StepRecord(item: item)) }
    return steps
  }
}

extension StepRecord {
  /// The attributes beside the key.
  internal var attributes: Item {
    var item: Item = [
      "to": .string(to.description), "epoch": .number(DynamoDBNumber(epoch)), "made": .number(DynamoDBNumber(made)),
      "mapping": .string(mapping), "isFenced": .bool(isFenced), "acceptsUnresolved": .bool(acceptsUnresolved),
      "acknowledged": .list(
        acknowledged.prefix(Self.mostNames).map { .map(["name": .string($0.name), "seen": .number(DynamoDBNumber($0.seen))]) }),
      "removed": .list(removed.prefix(Self.mostNames).map { .string($0) }),
    ]
    if let from { item["from"] = .string(from.description) }
    return item
  }

  internal init(item: Item) throws(MigrationControlError) {
    let fields = ItemFields(item: item, what: "step")
    guard let listed = item["acknowledged"]?.listValue else { throw fields.damaged("acknowledged") }
    var acknowledged: [Acknowledgement] = []
    for entry in listed {
      guard let entry = entry.mapValue else { throw fields.damaged("acknowledged") }
      let fields = ItemFields(item: entry, what: "step")
      acknowledged.append(Acknowledgement(name: try fields.text("name"), seen: try fields.integer("seen")))
    }
    self.init(
      from: item["from"] == nil ? nil : try fields.phase("from"), to: try fields.phase("to"), epoch: try fields.integer("epoch"),
      made: try fields.integer("made"), mapping: try fields.text("mapping"), isFenced: try fields.flag("isFenced"),
      acceptsUnresolved: try fields.flag("acceptsUnresolved"), acknowledged: acknowledged,
      removed: (item["removed"]?.listValue ?? []).compactMap(\.stringValue))
  }
}
