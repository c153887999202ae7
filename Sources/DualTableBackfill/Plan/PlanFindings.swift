package import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBModel
package import MigrationControl

/// Judges what was read for a plan: one finding a subject, each ok, a warning or a blocker.
package struct PlanFindings: Sendable {
  let facts: PlanFacts
  let mapping: any TableMapping
  let estimate: PlanEstimate?

  /// - Parameter estimate: nil where OLD could not be sampled.
  package init(_ facts: PlanFacts, mapping: any TableMapping, estimate: PlanEstimate?) {
    self.facts = facts
    self.mapping = mapping
    self.estimate = estimate
  }

  /// All findings, in the order in which they are best read.
  package var all: [Finding] {
    [oldTable, newTable] + indexes + timeToLive + streams + replicas + recovery + capacity + [items] + conversion + skew + permissions
      + [rollback]
  }

  // MARK: - Tables

  private var oldTable: Finding { state(of: facts.old, "old", keys: mapping.oldSchema) }

  private var newTable: Finding {
    guard let new = facts.new else {
      return .blocker(
        "newTable", "There is no new table yet: make it by what `plan --create-table-json` prints.")
    }
    let state = state(of: new, "new", keys: mapping.newSchema)
    if state.level == .ok, facts.newIsEmpty == false {
      return .warning("newTable", "The new table holds items: it must be empty for the step to dualRead.")
    }
    return state
  }

  private func state(of table: PlanFacts.Table, _ role: String, keys: KeySchema) -> Finding {
    let subject = "\(role)Table"
    let (description, name) = (table.description, table.description.tableName)
    guard description.tableStatus == .active || description.tableStatus == .updating else {
      return .blocker(subject, "The \(role) table \(name) is \(description.tableStatus.rawValue): wait until it is ACTIVE.")
    }
    guard description.keys == keys else {
      let wanted = keys.attributes.map { "\($0.name) (\($0.type.rawValue))" }.joined(separator: ", ")
      return .blocker(
        subject, "The \(role) table \(name) isn't keyed by \(wanted), as the mapping says: mend the mapping, or name another.")
    }
    return .ok(subject, "The \(role) table \(name) is there, keyed as the mapping says.")
  }

  private var indexes: [Finding] {
    let planned = (mapping as? CompiledMapping)?.indexes
    let old = IndexCheck(table: facts.old.description, planned: planned?.old ?? [], reserved: mapping.reservedAttribute).oldFindings
    let new = facts.new.map {
      IndexCheck(table: $0.description, planned: planned?.new ?? [], reserved: mapping.reservedAttribute).newFindings
    }
    return old + (new ?? [])
  }

  private var timeToLive: [Finding] {
    var findings: [Finding] = []
    switch facts.old.expiry {
    case .on?:
      findings.append(
        .warning("oldTimeToLive", "The old table's time to live is on: switch it off at least an hour before the step to dualTable."))
    case .off?: findings.append(.ok("oldTimeToLive", "The old table's time to live is off."))
    case nil: break
    }
    switch facts.new?.expiry {
    case .on?:
      findings.append(
        .blocker(
          "newTimeToLive",
          "The new table's time to live is on, and an item that it deletes would come back from the old table: switch it off until phase new."
        ))
    case .off?: findings.append(.ok("newTimeToLive", "The new table's time to live is off; it may be switched on in phase new."))
    case nil: break
    }
    return findings
  }

  private var streams: [Finding] {
    var findings: [Finding] = []
    if facts.old.description.streamSpecification?.streamEnabled == true {
      findings.append(
        .warning("oldStream", "Whoever follows the old table's stream, triggers too, hears nothing from phase dualTable on: move them."))
    }
    if facts.new?.description.streamSpecification?.streamEnabled == true {
      findings.append(
        .warning(
          "newStream",
          "Whoever follows the new table's stream, triggers too, sees each put of the backfill, and deletes as items with "
            + "\(mapping.reservedAttribute): have them skip those, or switch the stream on later."))
    }
    return findings.isEmpty ? [.ok("streams", "Neither table keeps a stream of its changes.")] : findings
  }

  private var replicas: [Finding] {
    let replicated = [("old", facts.old.description), ("new", facts.new?.description)].filter { $0.1?.replicas.isEmpty == false }
    if replicated.isEmpty { return [.ok("replicas", "Neither table has replicas in other Regions.")] }
    return replicated.map { role, table in
      .blocker(
        "replicas",
        "The \(role) table has replicas (\(table?.replicas.joined(separator: ", ") ?? "")), and a write there would void what the migration "
          + "rests on: take them away first, and add them again in phase new.")
    }
  }

  private var recovery: [Finding] {
    [("old", facts.old.isRecoverable), ("new", facts.new?.isRecoverable)].compactMap { role, isRecoverable in
      isRecoverable.map { isOn in
        isOn
          ? .ok("\(role)Recovery", "The \(role) table's point-in-time recovery is on.")
          : .warning("\(role)Recovery", "The \(role) table's point-in-time recovery is off: switch it on before the first step.")
      }
    }
  }

  // MARK: - Permissions and the way back

  private var permissions: [Finding] {
    let missing = facts.denials.map { denial in
      let sentence = "These credentials may not \(denial.action) on \(denial.table)"
      guard let role = denial.role else {
        return Finding.warning("permissions", "\(sentence), so that the plan doesn't know what it would say.")
      }
      return .blocker(
        "permissions", "\(sentence), which the role \(role.rawValue) needs: allow it, as `iam --role \(role.rawValue)` prints it.")
    }
    if facts.denials.contains(where: { $0.role != nil }) { return missing }
    guard let role = facts.role else { return missing }
    return missing + [.ok("permissions", "These credentials may do all that the role \(role.rawValue) needs.")]
  }

  private var rollback: Finding {
    guard let compiled = mapping as? CompiledMapping else {
      return .warning("rollback", "A mapping in Swift has no derived inverse: a way back from phase new takes another mapping of yours.")
    }
    guard let first = compiled.inverseWarnings.first else {
      return .ok("rollback", "The mapping has an inverse, so that a migration back is possible from phase new.")
    }
    let more = compiled.inverseWarnings.count - 1
    return .warning(
      "rollback",
      "From phase dualTable on there is no way back: \(first.sentence)\(more > 0 ? " (and \(more) more; `mapping invert` lists them)" : "")."
    )
  }
}
