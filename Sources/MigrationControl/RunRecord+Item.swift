internal import DynamoDBModel

extension RunRecord {
  /// The attributes beside the key and the revision.
  internal var attributes: Item {
    [
      "command": .string(command.rawValue), "mapping": .string(mapping), "finished": .number(DynamoDBNumber(finished)),
      "isClean": .bool(isClean),
      "counts": .list(counts.map { .map(["name": .string($0.name), "value": .number(DynamoDBNumber($0.value))]) }),
    ]
  }

  internal init(item: Item) throws(MigrationControlError) {
    let fields = ItemFields(item: item, what: "run")
    guard let command = Command(rawValue: try fields.text("command")) else { throw fields.damaged("command") }
    guard let listed = item["counts"]?.listValue else { throw fields.damaged("counts") }
    var counts: [Count] = []
    for entry in listed {
      guard let entry = entry.mapValue else { throw fields.damaged("counts") }
      let fields = ItemFields(item: entry, what: "run")
      counts.append(Count(try fields.text("name"), try fields.integer("value")))
    }
    self.init(
      command: command, mapping: try fields.text("mapping"), finished: try fields.integer("finished"), isClean: try fields.flag("isClean"),
      counts: counts)
  }
}
