package import DynamoDBClient
package import DynamoDBModel
package import MigrationControl

/// Whether a table's indexes are as a mapping plans them, and none shows tombstones.
package struct IndexCheck: Sendable {
  package let table: TableDescription
  /// The indexes that the mapping gives the table.
  package let planned: [(name: String, keys: KeySchema)]
  /// The attribute that marks tombstones.
  package let reserved: String

  package init(table: TableDescription, planned: [(name: String, keys: KeySchema)], reserved: String) {
    self.table = table
    self.planned = planned
    self.reserved = reserved
  }

  /// NEW's indexes: those planned are there, keyed so and filled; none that a tombstone would stand in lacks the mark.
  package var newFindings: [Finding] {
    let subject = "newIndexes"
    var findings: [Finding] = []
    for (name, keys) in planned {
      guard let index = all.first(where: { $0.indexName == name }) else {
        findings.append(.blocker(subject, "The new table lacks the index \(name) that the mapping plans: make it before the backfill."))
        continue
      }
      if Self.keys(of: index) != keys.attributes.map(\.name) {
        findings.append(.blocker(subject, "The new table's index \(name) is keyed otherwise than the mapping says: mend one of them."))
      } else if let status = index.indexStatus, status != .active || index.backfilling == true {
        findings.append(.blocker(subject, "The new table's index \(name) is \(status.rawValue): wait until it is filled."))
      }
    }
    let base = Set(table.keySchema.map(\.attributeName))
    for index in all where index.keySchema.allSatisfy({ base.contains($0.attributeName) }) && !projectsMark(index) {
      findings.append(
        .blocker(
          subject,
          "The new table's index \(index.indexName) is keyed by the table's own keys alone, so that tombstones stand in it: it must project "
            + "\(reserved)."))
    }
    if findings.isEmpty { findings.append(.ok(subject, all.isEmpty ? "The new table has no indexes." : "The new table's indexes fit.")) }
    return findings
  }

  /// OLD's indexes: those that the mapping counts on are there.
  package var oldFindings: [Finding] {
    let missing = planned.filter { planned in !all.contains { $0.indexName == planned.name } }.map(\.name)
    if missing.isEmpty {
      return [.ok("oldIndexes", planned.isEmpty ? "The mapping names no index of the old table." : "The old table's indexes fit.")]
    }
    return [
      .blocker(
        "oldIndexes", "The old table lacks \(missing.joined(separator: ", ")), which the mapping names: queries in phase dualTable need it."
      )
    ]
  }

  private var all: [TableDescription.Index] { table.globalSecondaryIndexes + table.localSecondaryIndexes }

  /// The key's names, the partition key first.
  private static func keys(of index: TableDescription.Index) -> [String] {
    (index.keySchema.filter { $0.keyType == .hash } + index.keySchema.filter { $0.keyType == .range }).map(\.attributeName)
  }

  private func projectsMark(_ index: TableDescription.Index) -> Bool {
    switch index.projection?.projectionType {
    case .all: true
    case .include: index.projection?.nonKeyAttributes?.contains(reserved) == true
    case .keysOnly, nil: false
    }
  }
}
