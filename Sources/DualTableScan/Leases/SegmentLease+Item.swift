internal import DynamoDBModel
internal import MigrationControl

extension SegmentLease {
  /// The attributes beside the key.
  var attributes: Item {
    var item: Item = [
      "segment": .number(DynamoDBNumber(segment)), "revision": .number(DynamoDBNumber(revision)), "isDone": .bool(isDone),
      "counts": .map(counts.attributes),
    ]
    if let owner { item["owner"] = .string(owner) }
    if let worker { item["worker"] = .string(worker) }
    // As bytes: a key goes back to the service as it came.
    if let key { item["key"] = .binary(key) }
    if !reasons.isEmpty {
      item["reasons"] = .map(Item(reasons.sorted { $0.key < $1.key }.map { ($0.key, .number(DynamoDBNumber($0.value))) }))
    }
    return item
  }

  init(item: Item, segments: Int) throws(MigrationControlError) {
    let fields = ItemFields(item: item, what: "segment")
    self.init(segment: try fields.integer("segment"))
    guard segment >= 0 && segment < segments else { throw fields.damaged("segment") }
    revision = try fields.integer("revision")
    isDone = try fields.flag("isDone")
    owner = item["owner"]?.stringValue
    worker = item["worker"]?.stringValue
    key = item["key"]?.binaryValue
    guard let counts = try fields.map("counts") else { throw fields.damaged("counts") }
    self.counts = try PassCounts(fields: counts)
    if let reasons = try fields.map("reasons") {
      for (reason, _) in reasons.item { self.reasons[reason] = try reasons.integer(reason) }
    }
  }
}

extension PassCounts {
  /// What isn't zero, by the counters' names.
  var attributes: Item {
    Item(
      PassCounter.allCases.filter { self[$0] != 0 }.map { counter in (counter.name, .number(DynamoDBNumber(self[counter]))) })
  }

  init(fields: ItemFields) throws(MigrationControlError) {
    self.init()
    for (name, _) in fields.item {
      guard let counter = PassCounter.allCases.first(where: { $0.name == name }) else { throw fields.damaged(name) }
      self[counter] = try fields.integer(name)
    }
  }
}
