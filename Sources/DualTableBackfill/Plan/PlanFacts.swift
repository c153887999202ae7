package import DynamoDBClient
package import MigrationControl

/// What was read of both tables for a plan; nil for what the engine doesn't know or the caller may not see.
package struct PlanFacts: Sendable, Hashable {
  /// One table's.
  package struct Table: Sendable, Hashable {
    package var description: TableDescription
    package var expiry: ExpiryState?
    /// Whether it can be restored to any moment.
    package var isRecoverable: Bool?

    package init(_ description: TableDescription, expiry: ExpiryState? = .off, isRecoverable: Bool? = true) {
      self.description = description
      self.expiry = expiry
      self.isRecoverable = isRecoverable
    }
  }

  /// An action that the caller's credentials don't allow.
  package struct Denial: Sendable, Hashable {
    /// As policies name it: `dynamodb:Scan`.
    package let action: String
    /// The table, or an index of it as `TABLE/index/INDEX`.
    package let table: String
    /// The role that can't do without it; nil: only the plan asks for it.
    package let role: MigrationRole?

    package init(action: String, table: String, role: MigrationRole? = nil) {
      self.action = action
      self.table = table
      self.role = role
    }
  }

  package var old: Table
  /// Nil where NEW isn't there.
  package var new: Table?
  package var newIsEmpty: Bool?
  package var tags: [Tag] = []
  /// Nil where OLD may not be scanned.
  package var sample: SampleSummary?
  package var denials: [Denial] = []
  /// The role whose permissions were looked for.
  package var role: MigrationRole?

  package init(old: Table, new: Table? = nil, newIsEmpty: Bool? = nil, sample: SampleSummary? = nil) {
    self.old = old
    self.new = new
    self.newIsEmpty = newIsEmpty
    self.sample = sample
  }
}
