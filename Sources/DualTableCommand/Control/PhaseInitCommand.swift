internal import AWSAuth
internal import ArgumentParsing
internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import MigrationControl

extension ToolCommand {
  /// Begins a migration: writes its control item.
  static func phaseInit(tool: String) -> ToolCommand {
    ToolCommand(
      name: "init", abstract: "Begins a migration in phase old: writes its control item, and makes the control table if it isn't there.",
      discussion: "One control table serves any number of migrations. Both tables must be there, keyed as the mapping says.\n"
        + "Exit status: 0 done; 2 could not, as where the migration has begun already; 130 interrupted.",
      examples: [
        .init(
          "\(tool) phase init --old users --new users-v2 --mapping users.yaml --control migrations",
          "Begins the migration of users to users-v2.")
      ],
      groups: [ControlSettings.tables, SharedSettings.places, SharedSettings.output], run: PhaseInit.run)
  }
}

enum PhaseInit {
  /// What the command came to.
  private struct Begun: Sendable {
    let item: ControlItem
    let migration: String
    let isTableNew: Bool
  }

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let mapping = try context.loadMapping()
    let isJSON = try context.settings.isOn(SharedSettings.json)
    let now = context.surroundings.wallClock.now()
    let begun = try await context.withMigration { migration in
      _ = try await Preflight(old: migration.old, new: migration.new, oldSchema: mapping.oldSchema, newSchema: mapping.newSchema)
      let isTableNew = try await makeTable(migration.control)
      if let there = try await migration.control.controlItem() { throw refusal(migration, there) }
      var item = ControlItem(phase: .old, epoch: 1, mapping: mapping.digest)
      if try await migration.old.expiry() == .off { item.ttlOffSince = now }
      if try await migration.control.initialize(item) != .done {
        // An earlier try of this very request may have gone through.
        let there = try await migration.controlItem()
        guard there == item else { throw refusal(migration, there) }
      }
      // For reports alone: the migration has begun, whether this is written or not.
      try? await migration.control.record(
        StepRecord(from: nil, to: item.phase, epoch: item.epoch, made: now, mapping: item.mapping))
      return Begun(item: item, migration: migration.control.migration, isTableNew: isTableNew)
    }
    guard let begun else {
      context.log.info("Interrupted; run 'phase show' to see whether the migration has begun.")
      return .interrupted
    }
    if isJSON {
      let members = [JSONValue.Member("migration", .string(begun.migration)), .init("controlTableCreated", .bool(begun.isTableNew))]
      context.terminal.result(JSONValue.object(members + begun.item.members).text)
    } else {
      context.terminal.result("The migration \(begun.migration) has begun in phase \(begun.item.phase).")
    }
    if begun.isTableNew {
      context.log.info(
        "The control table was made, on demand; switch its point-in-time recovery and its deletion protection on, since the fleet can't do "
          + "without it.")
    }
    return .done
  }

  private static func refusal(_ migration: ControlledMigration, _ there: ControlItem) -> CommandError {
    CommandError(
      "The migration \(migration.control.migration) has begun already: it is in phase \(there.phase), epoch \(there.epoch), with the mapping "
        + "\(there.mapping.prefix(12))…; 'phase show' tells more.")
  }

  /// Makes the control table if there is none; true if it did.
  ///
  /// - Throws: `CommandError` where a table of the name is keyed otherwise.
  private static func makeTable(_ control: ControlTable) async throws -> Bool {
    func failed(_ error: DynamoDBError, _ what: String) -> CommandError {
      CommandError("The control table \(control.name) \(what): \(error).")
    }
    do throws(DynamoDBError) {
      let found = try await control.client.describeTable(DescribeTableInput(tableName: control.name)).table
      guard found.keys != ControlTable.schema else { return false }
    } catch {
      guard error.code == .resourceNotFound else { throw failed(error, "can't be looked at") }
      do throws(DynamoDBError) {
        _ = try await control.client.createTable(CreateTableInput(tableName: control.name, keys: ControlTable.schema))
        try await control.client.wait(for: .active, of: control.name)
      } catch {
        throw failed(error, "can't be made")
      }
      return true
    }
    throw CommandError("There is a table \(control.name) that isn't keyed as a control table; name another one with --control.")
  }
}
