package import DynamoDBClient
internal import DynamoDBModel

extension ControlTable {
  /// Keeps `record` in place of the last one of its command: the run that comes last tells how the tables stand.
  ///
  /// Each write is conditional on the revision before it, so that one whose answer was lost, and which lands late, can't put an old result
  /// over the one that came after it: a switch of phase might rest on it.
  ///
  /// - Throws: `contention` where others kept theirs first each time.
  package func record(_ record: RunRecord) async throws(MigrationControlError) {
    for _ in 0..<8 {
      let revision = try await revision(of: record.command)
      // One that may have landed, and one that came second, is looked at and written again.
      if try await put(Self.sortKey(record.command), Self.attributes(record, revision + 1), over: revision) == .done { return }
    }
    throw MigrationControlError(
      .contention, "The result of \(record.command.rawValue) could not be kept in \(name) beside others: run the command once more.")
  }

  /// Keeps `record` likewise, as a part of a transaction: whatever else it does happens together with it, once.
  package func recording(_ record: RunRecord) async throws(MigrationControlError) -> TransactWriteItem {
    let revision = try await revision(of: record.command)
    return putting(Self.sortKey(record.command), Self.attributes(record, revision + 1), over: revision)
  }

  private static func sortKey(_ command: RunRecord.Command) -> String { "run#\(command.rawValue)" }

  private static func attributes(_ record: RunRecord, _ revision: Int) -> Item {
    var attributes = record.attributes
    attributes["revision"] = .number(DynamoDBNumber(revision))
    return attributes
  }

  /// Of the last record of a command; 0 where there is none.
  private func revision(of command: RunRecord.Command) async throws(MigrationControlError) -> Int {
    guard let last = try await read(Self.sortKey(command)) else { return 0 }
    return try ItemFields(item: last, what: "run").integer("revision")
  }

  /// The last record of each command that has one, in the order of the commands.
  package func records() async throws(MigrationControlError) -> [RunRecord] {
    var records: [RunRecord] = []
    for command in RunRecord.Command.allCases {
      guard let item = try await read(Self.sortKey(command)) else { continue }
      records.append(try RunRecord(item: item))
    }
    return records
  }
}
