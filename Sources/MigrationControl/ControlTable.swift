package import DynamoDBClient
package import DynamoDBModel

/// The table in which a migration's phase, its participants and its runs stand.
///
/// One table serves any number of migrations: the partition key is the migration, the sort key tells what an item is. Every read is
/// consistent, every change conditional. A change whose answer was lost is reported as such, never sent again: the control item tells.
package struct ControlTable: Sendable {
  /// The table's keys.
  package static let schema = KeySchema(hash: .init("migration", .string), range: .init("item", .string))

  package let client: DynamoDBClient
  package let name: String
  /// The migration, `old -> new` by the tables' names.
  package let migration: String
  /// How patient its requests are; nil: as the client is.
  internal private(set) var retry: RetryPolicy?

  /// The control table `name`, as it concerns the migration between two tables, each given by its name or its ARN.
  package init(client: DynamoDBClient, name: String, oldTable: String, newTable: String) {
    self.client = client
    self.name = name
    migration = "\(Self.plainName(oldTable)) -> \(Self.plainName(newTable))"
  }

  /// A table's name without what else its ARN says: one process may say a name where another says an ARN, and they must meet.
  package static func plainName(_ table: String) -> String { String(table.split(separator: "/").dropFirst().first ?? table[...]) }

  /// The same table, each of whose requests may take so long with all its tries.
  package func with(patience: Duration) -> ControlTable {
    var table = self
    table.retry = .bulk(deadline: patience)
    return table
  }

  /// What became of a conditional change.
  package enum Change: Sendable, Hashable {
    case done
    /// Its condition was false: someone else was first, or the item is gone.
    case refused
    /// It may have happened.
    case unknown
  }

  // MARK: - The control item

  /// The control item; nil where the migration has none.
  package func controlItem() async throws(MigrationControlError) -> ControlItem? {
    try await read("control").map { item throws(MigrationControlError) in try ControlItem(item: item) }
  }

  /// Writes the first control item; refused where there is one.
  package func initialize(_ item: ControlItem) async throws(MigrationControlError) -> Change {
    try await put("control", item.attributes, if: "attribute_not_exists(#item)", names: ["#item": "item"])
  }

  /// Writes the control item in place of the one with this epoch.
  package func write(_ item: ControlItem, expecting epoch: Int) async throws(MigrationControlError) -> Change {
    try await put(
      "control", item.attributes, if: "#epoch = :epoch", names: ["#epoch": "epoch"], values: [":epoch": .number(DynamoDBNumber(epoch))])
  }

  // MARK: - Participants

  /// Writes a participant's own item.
  ///
  /// - Parameter now: by the participant's clock, milliseconds since 1970; told to whoever looks, and decides nothing.
  package func beat(_ write: ParticipantStateMachine.BeatWrite, at now: Int64) async throws(MigrationControlError) -> Change {
    var (item, condition) =
      switch write {
      case .renew(let item): (item, "attribute_exists(#item)")
      case .register(let item): (item, "attribute_not_exists(#item)")
      }
    item.lastBeat = now
    return try await put(Self.sortKey(item.name), item.attributes, if: condition, names: ["#item": "item"])
  }

  /// All participants, in the order of their names.
  package func participants() async throws(MigrationControlError) -> [ParticipantItem] {
    var participants: [ParticipantItem] = []
    for item in try await items(beginningWith: Self.sortKey("")) { participants.append(try ParticipantItem(item: item)) }
    return participants
  }

  /// Removes a participant, on condition that it hasn't beaten since it was read.
  package func remove(_ participant: ParticipantItem) async throws(MigrationControlError) -> Change {
    try await remove(Self.sortKey(participant.name), ifNonce: participant.nonce)
  }

  // MARK: - Requests

  private static func sortKey(_ participant: String) -> String { "participant#\(participant)" }

  internal func key(_ item: String) -> Item { ["migration": .string(migration), "item": .string(item)] }

  package func read(_ item: String) async throws(MigrationControlError) -> Item? {
    do {
      return try await client.getItem(
        GetItemInput(tableName: name, key: key(item), consistentRead: true), options: CallOptions(retry: retry)
      ).item
    } catch {
      throw failed(error)
    }
  }

  package func put(
    _ sortKey: String, _ attributes: Item, if condition: String, names: [String: String], values: AttributeMap? = nil
  ) async throws(MigrationControlError) -> Change {
    var item = key(sortKey)
    for (name, value) in attributes { item[name] = value }
    do {
      _ = try await client.putItem(
        PutItemInput(
          tableName: name, item: item, conditionExpression: condition, expressionAttributeNames: names, expressionAttributeValues: values),
        options: CallOptions(resend: .unlessOutcomeUnknown, retry: retry))
      return .done
    } catch {
      return try change(error)
    }
  }

  internal func change(_ error: DynamoDBError) throws(MigrationControlError) -> Change {
    if error.outcomeUnknown { return .unknown }
    if error.code == .conditionalCheckFailed { return .refused }
    throw failed(error)
  }

  internal func failed(_ error: DynamoDBError) -> MigrationControlError {
    let remedy =
      switch error.code {
      case .resourceNotFound: "There is no control table \(name): name the one that `phase init` made."
      case .accessDenied: "The control table \(name) may not be used like this: allow the action, as `dualtable iam` prints it."
      default: "The control table \(name) could not be reached."
      }
    return MigrationControlError(.requestFailed, remedy, cause: error)
  }
}
