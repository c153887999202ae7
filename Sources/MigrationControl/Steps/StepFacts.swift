/// What is known of a migration when its next step is thought about.
package struct StepFacts: Sendable, Hashable {
  /// Old keys that an operator gives up by name, as they were found just now.
  package struct GivenUp: Sendable, Hashable {
    /// Different old keys, each of an item that OLD holds.
    package var keys: Int
    /// Those of them whose items can't be converted, so that verify finds them whatever NEW holds.
    package var unconvertible: Int

    package init(keys: Int = 0, unconvertible: Int = 0) {
      self.keys = keys
      self.unconvertible = unconvertible
    }
  }

  package var control: ControlItem
  package var participants: [ParticipantItem]
  package var records: [RunRecord]
  /// The digest of the mapping that the operator works with.
  package var mapping: String
  package var oldExpiry: ExpiryState
  package var newExpiry: ExpiryState
  /// Whether NEW holds nothing; nil where nobody looked.
  package var newIsEmpty: Bool?
  package var givenUp: GivenUp
  /// Milliseconds since 1970.
  package var now: Int64

  package init(
    control: ControlItem, participants: [ParticipantItem] = [], records: [RunRecord] = [], mapping: String, oldExpiry: ExpiryState = .off,
    newExpiry: ExpiryState = .off, newIsEmpty: Bool? = nil, givenUp: GivenUp = GivenUp(), now: Int64
  ) {
    self.control = control
    self.participants = participants
    self.records = records
    self.mapping = mapping
    self.oldExpiry = oldExpiry
    self.newExpiry = newExpiry
    self.newIsEmpty = newIsEmpty
    self.givenUp = givenUp
    self.now = now
  }

  /// The last record of a command, nil if it has none.
  package func record(_ command: RunRecord.Command) -> RunRecord? { records.first { $0.command == command } }

  /// The mappings that the migration may go on with: that of the control item, and the one that the last redrive mended it into.
  package var mappings: [String] { [control.mapping] + (record(.redrive).map { [$0.mapping] } ?? []) }
}
