/// What the last complete run of a command came to, as the control table keeps it: a phase may have to wait for a clean one.
package struct RunRecord: Sendable, Hashable {
  /// Whose run it was.
  package enum Command: String, Sendable, Hashable, CaseIterable {
    case backfill, redrive, verify
  }

  /// One figure of a run.
  package struct Count: Sendable, Hashable {
    /// As the command's JSON names it.
    package let name: String
    package let value: Int

    package init(_ name: String, _ value: Int) {
      self.name = name
      self.value = value
    }
  }

  package let command: Command
  /// The digest of the mapping that it ran with.
  package let mapping: String
  /// When it ended, milliseconds since 1970 by its own clock; shown, never compared.
  package let finished: Int64
  /// True if it left nothing to look at: no dead letter, no id missing or undecided.
  package let isClean: Bool
  /// Its figures in order.
  package let counts: [Count]

  package init(command: Command, mapping: String, finished: Int64, isClean: Bool, counts: [Count] = []) {
    self.command = command
    self.mapping = mapping
    self.finished = finished
    self.isClean = isClean
    self.counts = counts
  }

  /// The figure of that name, nil if the run has none.
  package subscript(name: String) -> Int? { counts.first { $0.name == name }?.value }
}
