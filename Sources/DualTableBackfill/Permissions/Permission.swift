package import MigrationControl

/// One action on one table that a role can't do without.
package struct Permission: Sendable, Hashable {
  /// An action of IAM's, without `dynamodb:`.
  package enum Action: String, Sendable, CaseIterable {
    case describeTable = "DescribeTable"
    case describeTimeToLive = "DescribeTimeToLive"
    case describeContinuousBackups = "DescribeContinuousBackups"
    case listTagsOfResource = "ListTagsOfResource"
    case getItem = "GetItem"
    case batchGetItem = "BatchGetItem"
    case query = "Query"
    case scan = "Scan"
    case putItem = "PutItem"
    case updateItem = "UpdateItem"
    case deleteItem = "DeleteItem"
    case batchWriteItem = "BatchWriteItem"
    case conditionCheckItem = "ConditionCheckItem"
    case partiQLInsert = "PartiQLInsert"
    case getResourcePolicy = "GetResourcePolicy"
    case putResourcePolicy = "PutResourcePolicy"
    case deleteResourcePolicy = "DeleteResourcePolicy"
    case createTable = "CreateTable"

    /// As policies name it.
    package var name: String { "dynamodb:\(rawValue)" }
  }

  /// What the action is done to.
  package enum Resource: String, Sendable, CaseIterable {
    case old, oldIndexes, new, newIndexes, control
  }

  package let role: MigrationRole
  package let resource: Resource
  package let action: Action
  /// The phases in which it is needed; empty: whatever the phase.
  package let phases: [MigrationPhase]
  /// The way of writing that needs it; nil: either does.
  package let writeMode: Backfill.Configuration.WriteMode?
  /// What it is needed for.
  package let purpose: String

  /// What a role may have to do.
  ///
  /// - Parameters:
  ///   - phase: what is needed in this one alone; nil: in any.
  ///   - hasControl: there is a control table.
  package static func needed(
    by role: MigrationRole, in phase: MigrationPhase? = nil, writeMode: Backfill.Configuration.WriteMode = .put, hasControl: Bool = true
  ) -> [Permission] {
    all.filter { permission in
      permission.role == role && (permission.writeMode ?? writeMode) == writeMode && (hasControl || permission.resource != .control)
        && (phase.map { permission.phases.isEmpty || permission.phases.contains($0) } ?? true)
    }
  }
}
