/// A step that the migration has made: when, how, and who said that they were ready.
package struct StepRecord: Sendable, Hashable {
  /// A participant's acknowledgement.
  package struct Acknowledgement: Sendable, Hashable {
    /// The participant's name.
    package let name: String
    /// When the coordinator first saw it, milliseconds since 1970 by its own clock.
    package let seen: Int64

    package init(name: String, seen: Int64) {
      self.name = name
      self.seen = seen
    }
  }

  /// The phase before; nil where the migration began.
  package var from: MigrationPhase?
  package var to: MigrationPhase
  /// Of the control item that the step has left.
  package var epoch: Int
  /// When it was, milliseconds since 1970 by the coordinator's clock; shown, never compared.
  package var made: Int64
  /// The digest of the mapping that holds since.
  package var mapping: String
  package var isFenced: Bool
  package var acceptsUnresolved: Bool
  /// In the order in which they were seen.
  package var acknowledged: [Acknowledgement]
  /// Participants that counted as dead and were removed on the way.
  package var removed: [String]

  /// Names that a record holds at most, since an item is bounded.
  package static let mostNames = 1_000

  package init(
    from: MigrationPhase?, to: MigrationPhase, epoch: Int, made: Int64, mapping: String, isFenced: Bool = false,
    acceptsUnresolved: Bool = false, acknowledged: [Acknowledgement] = [], removed: [String] = []
  ) {
    self.from = from
    self.to = to
    self.epoch = epoch
    self.made = made
    self.mapping = mapping
    self.isFenced = isFenced
    self.acceptsUnresolved = acceptsUnresolved
    self.acknowledged = acknowledged
    self.removed = removed
  }
}
