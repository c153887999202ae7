internal import DynamoDBModel
internal import MigrationControl

extension SharedPass {
  /// The attributes beside the key.
  var attributes: Item {
    var item: Item = [
      "run": .string(run), "format": .number(DynamoDBNumber(RunManifest.version)), "revision": .number(DynamoDBNumber(revision)),
      "manifest": .map(manifest.attributes), "started": .number(DynamoDBNumber(started)), "isPaused": .bool(settings.isPaused),
      "isStopped": .bool(settings.isStopped),
      "changes": .list(changes.map { .map(["at": .number(DynamoDBNumber($0.milliseconds)), "what": .string($0.what)]) }),
    ]
    if let budget = settings.readBudget { item["readBudget"] = .string("\(budget)") }
    if let budget = settings.writeBudget { item["writeBudget"] = .string("\(budget)") }
    if let budget = settings.newReadBudget { item["newReadBudget"] = .string("\(budget)") }
    if let open = settings.openSegments { item["openSegments"] = .number(DynamoDBNumber(open)) }
    if let finished { item["finished"] = .number(DynamoDBNumber(finished)) }
    return item
  }

  init(item: Item) throws(MigrationControlError) {
    let fields = ItemFields(item: item, what: "run under way")
    let format: Int = try fields.integer("format")
    guard format == RunManifest.version else {
      throw MigrationControlError(
        .damaged,
        "The control table's run has format \(format) and this dualtable knows format \(RunManifest.version): use the one that began it.")
    }
    guard let manifest = try fields.map("manifest") else { throw fields.damaged("manifest") }
    self.init(
      run: try fields.text("run"), manifest: try RunManifest(fields: manifest), settings: Settings(), started: try fields.integer("started")
    )
    revision = try fields.integer("revision")
    settings.readBudget = item["readBudget"]?.stringValue.flatMap { CapacityBudget($0) }
    settings.writeBudget = item["writeBudget"]?.stringValue.flatMap { CapacityBudget($0) }
    settings.newReadBudget = item["newReadBudget"]?.stringValue.flatMap { CapacityBudget($0) }
    settings.openSegments = try fields.integerIfThere("openSegments")
    if let open = settings.openSegments, !(1...ControlRequest.mostOpenSegments).contains(open) { throw fields.damaged("openSegments") }
    settings.isPaused = try fields.flag("isPaused")
    settings.isStopped = try fields.flag("isStopped")
    finished = try fields.integerIfThere("finished")
    for change in item["changes"]?.listValue ?? [] {
      guard let change = change.mapValue else { throw fields.damaged("changes") }
      let parts = ItemFields(item: change, what: fields.what)
      changes.append(PassChange(milliseconds: try parts.integer("at"), what: try parts.text("what")))
    }
  }
}

extension RunManifest {
  fileprivate var attributes: Item {
    [
      "command": .string(command), "old": .string(old.name), "oldEndpoint": .string(old.endpoint), "new": .string(new.name),
      "newEndpoint": .string(new.endpoint), "mapping": .string(mapping), "mode": .string(mode),
      "segments": .list(segments.map { .number(DynamoDBNumber($0)) }),
      // As text: many readers round a number of 64 bits.
      "seed": .string(String(seed)),
    ]
  }

  fileprivate init(fields: ItemFields) throws(MigrationControlError) {
    var segments: [Int] = []
    for value in fields.item["segments"]?.listValue ?? [] {
      guard let number = value.numberValue, let count = Int(exactly: number), count >= 1, count <= SegmentPlan.serviceLimit else {
        throw fields.damaged("segments")
      }
      segments.append(count)
    }
    guard !segments.isEmpty, let seed = UInt64(try fields.text("seed")) else { throw fields.damaged("segments") }
    self.init(
      command: try fields.text("command"), old: .init(name: try fields.text("old"), endpoint: try fields.text("oldEndpoint")),
      new: .init(name: try fields.text("new"), endpoint: try fields.text("newEndpoint")), mapping: try fields.text("mapping"),
      mode: try fields.text("mode"), segments: segments, seed: seed)
  }
}
