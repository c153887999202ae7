internal import MigrationControl

// The one list of what each role is allowed: policies, the plan's check and the documentation are made of it.
extension Permission {
  /// Several actions on one table for one reason.
  private struct Row {
    let role: MigrationRole
    let resource: Resource
    let actions: [Action]
    var phases: [MigrationPhase] = []
    var writeMode: Backfill.Configuration.WriteMode?
    let purpose: String

    init(
      _ role: MigrationRole, _ resource: Resource, _ actions: [Action], in phases: [MigrationPhase] = [],
      writeMode: Backfill.Configuration.WriteMode? = nil, _ purpose: String
    ) {
      (self.role, self.resource, self.actions, self.phases) = (role, resource, actions, phases)
      (self.writeMode, self.purpose) = (writeMode, purpose)
    }
  }

  /// Every permission of every role.
  package static let all: [Permission] = (service + backfill + verifier + operation).flatMap { row in
    row.actions.map { action in
      Permission(
        role: row.role, resource: row.resource, action: action, phases: row.phases, writeMode: row.writeMode, purpose: row.purpose)
    }
  }

  private static let service: [Row] = [
    Row(.service, .old, [.getItem, .query], in: [.old, .dualRead, .dualTable], "reads of what the new table lacks"),
    // A scan that began in dualTable goes on in newWithTombstones, with OLD's keys.
    Row(.service, .old, [.batchGetItem, .scan], in: [.old, .dualRead, .dualTable, .newWithTombstones], "reads of many, and scans"),
    Row(.service, .oldIndexes, [.query], in: [.old, .dualRead, .dualTable], "queries by an index"),
    Row(
      .service, .old, [.putItem, .updateItem, .deleteItem, .batchWriteItem, .conditionCheckItem], in: [.old, .dualRead],
      "the service's own writes"),
    Row(.service, .new, [.getItem, .batchGetItem, .query, .scan], in: [.dualRead, .dualTable, .newWithTombstones, .new], "reads"),
    Row(.service, .newIndexes, [.query, .scan], in: [.dualRead, .dualTable, .newWithTombstones, .new], "queries and scans of an index"),
    Row(
      .service, .new, [.putItem, .updateItem, .deleteItem, .batchWriteItem, .conditionCheckItem],
      in: [.dualTable, .newWithTombstones, .new], "writes"),
    Row(.service, .old, [.describeTable], in: [.old, .dualRead, .dualTable], "learning of its indexes"),
    // An index is the new table's, whatever the phase: requests are made for that table.
    Row(.service, .new, [.describeTable], "learning of its indexes"),
    Row(.service, .control, [.getItem, .putItem, .deleteItem], "the phase, and the instance's own item"),
  ]

  private static let backfill: [Row] = [
    Row(.backfill, .old, [.describeTable, .scan], "the scan"),
    Row(.backfill, .old, [.batchGetItem], "items by their keys: redrive, --keys, and what verify --repair looks at again"),
    Row(.backfill, .new, [.describeTable], "its size and its keys"),
    Row(.backfill, .new, [.putItem], "conditional puts"),
    Row(.backfill, .new, [.partiQLInsert], writeMode: .batch, "inserts in batches"),
    Row(.backfill, .new, [.batchGetItem], "what verify --repair looks at again"),
    Row(.backfill, .new, [.scan], "verify --repair"),
    Row(.backfill, .control, [.getItem, .putItem, .deleteItem], "the phase, the run's own item and its result"),
    Row(.backfill, .control, [.query, .batchGetItem], "segments, workers and dead letters of a run that several machines share"),
    Row(.backfill, .control, [.batchWriteItem], "what is left of the run before, with verify --repair"),
  ]

  private static let verifier: [Row] = [
    Row(.verifier, .old, [.describeTable, .scan, .batchGetItem], "its ids, and a second look at suspects"),
    Row(.verifier, .new, [.describeTable, .scan, .batchGetItem], "its ids, and a second look at suspects"),
    Row(.verifier, .control, [.getItem, .putItem], "the phase, and the result"),
    Row(
      .verifier, .control, [.query, .batchGetItem, .deleteItem, .batchWriteItem],
      "segments, workers and findings of a run that several machines share"),
  ]

  private static let operation: [Row] = [
    Row(.operator, .old, [.describeTable, .describeTimeToLive], "plan, phase init, cutover, fence"),
    Row(.operator, .old, [.describeContinuousBackups, .listTagsOfResource, .scan], "plan"),
    Row(.operator, .old, [.getItem], "items that cutover --give-up names"),
    Row(.operator, .old, [.putItem], "the probe that shows a fence; its condition is false of every item"),
    Row(.operator, .old, [.getResourcePolicy, .putResourcePolicy, .deleteResourcePolicy], "the fence"),
    Row(.operator, .new, [.describeTable, .describeTimeToLive], "plan, phase init, cutover, sweep"),
    Row(.operator, .new, [.describeContinuousBackups], "plan"),
    Row(.operator, .new, [.scan], "plan, cutover to dualRead, sweep"),
    Row(.operator, .new, [.putItem], "tombstones of keys that cutover --give-up names"),
    Row(.operator, .new, [.deleteItem], "sweep"),
    Row(.operator, .control, [.describeTable, .createTable], "phase init"),
    Row(.operator, .control, [.getItem, .putItem, .query], "the phase, participants and results"),
    Row(.operator, .control, [.deleteItem], "participants that are dead"),
    Row(.operator, .control, [.batchWriteItem], "phase drop"),
  ]
}
