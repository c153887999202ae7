internal import DynamoDBClient
internal import DynamoDBModel

extension ControlTable {
  /// Keeps `record` in place of the last one of its command: the run that comes last tells how the tables stand.
  ///
  /// Each write is conditional on the revision before it, so that one whose answer was lost, and which lands late, can't put an old result
  /// over the one that came after it: a switch of phase might rest on it.
  ///
  /// - Throws: `contention` where others kept theirs first each time.
  package func record(_ record: RunRecord) async throws(MigrationControlError) {
    let item = "run#\(record.command.rawValue)"
    for _ in 0..<8 {
      let last = try await read(item)
      let revision: Int =
        try last.map { last throws(MigrationControlError) in
          try ItemFields(item: last, what: "run").integer("revision")
        } ?? 0
      var attributes = record.attributes
      attributes["revision"] = .number(DynamoDBNumber(revision + 1))
      let change =
        if last == nil {
          try await put(item, attributes, if: "attribute_not_exists(#item)", names: ["#item": "item"])
        } else {
          try await put(
            item, attributes, if: "#revision = :revision", names: ["#revision": "revision"],
            values: [":revision": .number(DynamoDBNumber(revision))])
        }
      // One that may have landed, and one that came second, is looked at and written again.
      if change == .done { return }
    }
    throw MigrationControlError(
      .contention, "The result of \(record.command.rawValue) could not be kept in \(name) beside others: run the command once more.")
  }

  /// The last record of each command that has one, in the order of the commands.
  package func records() async throws(MigrationControlError) -> [RunRecord] {
    var records: [RunRecord] = []
    for command in RunRecord.Command.allCases {
      guard let item = try await read("run#\(command.rawValue)") else { continue }
      records.append(try RunRecord(item: item))
    }
    return records
  }
}
