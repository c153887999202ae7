package import DualTableBackfill
package import DualTableScan
package import DualTableVerify
package import MigrationControl

/// What there is to tell of a migration: what was read, written and left behind, how fast, what was checked, and who agreed to what when.
///
/// Made from state directories and a control table by `dualtable report`, or by whoever ran a migration in its own process. Everything is
/// optional: the page shows what is known. `html` and `json` are pure functions of it.
package struct RunReport: Sendable {
  /// The tables' names, and where they are.
  package var old: RunManifest.Table
  package var new: RunManifest.Table
  /// When the report was made, milliseconds since 1970.
  package var made: Int64
  /// The backfill; nil where none has begun.
  package var backfill: Run?
  /// Who worked on the backfill, where several processes shared it.
  package var workers: [Worker] = []
  /// Attempts to take dead letters across after the mapping was mended.
  package var redrives: [Run] = []
  package var verify: Verify?
  /// What the control table says; nil where there is none.
  package var migration: Migration?
  /// What a rehearsal adds; nil for a migration of real tables.
  package var rehearsal: Rehearsal?
  /// The migration back, told after this one.
  package var back: [RunReport] = []
  /// Throughputs side by side.
  package var comparison: Comparison?
  package var prices = PriceList.builtIn

  package init(old: RunManifest.Table, new: RunManifest.Table, made: Int64) {
    self.old = old
    self.new = new
    self.made = made
  }

  /// A backfill, or a redrive.
  package struct Run: Sendable {
    /// `backfill` or `redrive`.
    package var command: String
    /// The mapping's digest.
    package var mapping: String
    package var status: PassCheckpoint.Status
    package var series: RunSeries
    /// What was changed by `ctl` while it ran, oldest first.
    package var changes: [PassChange]

    package init(
      command: String, mapping: String, status: PassCheckpoint.Status, series: RunSeries = RunSeries(), changes: [PassChange] = []
    ) {
      self.command = command
      self.mapping = mapping
      self.status = status
      self.series = series
      self.changes = changes
    }

    /// True once every segment is done.
    package var isComplete: Bool { status.doneSegments == status.segments }
  }

  /// One of the processes that shared a backfill.
  package struct Worker: Sendable {
    package var name: String
    /// What the segments that it held last came to.
    package var counts: PassCounts

    package init(name: String, counts: PassCounts) {
      self.name = name
      self.counts = counts
    }
  }

  /// A verification.
  package struct Verify: Sendable {
    /// What the last complete one came to; nil where none is complete yet.
    package var outcome: VerifyOutcome?
    /// Of the last one, complete or not.
    package var series: RunSeries

    package init(outcome: VerifyOutcome?, series: RunSeries = RunSeries()) {
      self.outcome = outcome
      self.series = series
    }
  }

  /// What a control table says of the migration.
  package struct Migration: Sendable {
    package var control: ControlItem
    /// Every step so far, oldest first.
    package var steps: [StepRecord]
    /// Who takes part now.
    package var participants: [ParticipantItem]
    /// The last run of each command.
    package var runs: [RunRecord]

    package init(control: ControlItem, steps: [StepRecord] = [], participants: [ParticipantItem] = [], runs: [RunRecord] = []) {
      self.control = control
      self.steps = steps
      self.participants = participants
      self.runs = runs
    }
  }

  /// What a rehearsal did besides, and what the check of its history came to.
  package struct Rehearsal: Sendable {
    package var seed: UInt64
    package var clients: Int
    package var operations: Int
    /// Acknowledged writes that a later read didn't see.
    package var lost: Int
    /// Deleted items that came back.
    package var resurrected: Int
    /// What the service wrote and the backfill wrote over.
    package var overwritten: Int
    /// The history's.
    package var digest: String
    /// What else is to be told, as in `crashes` and `1`, in order.
    package var facts: [Fact]

    package init(
      seed: UInt64, clients: Int, operations: Int, lost: Int, resurrected: Int, overwritten: Int, digest: String, facts: [Fact] = []
    ) {
      self.seed = seed
      self.clients = clients
      self.operations = operations
      self.lost = lost
      self.resurrected = resurrected
      self.overwritten = overwritten
      self.digest = digest
      self.facts = facts
    }

    /// True if nothing was lost, resurrected or overwritten.
    package var isClean: Bool { lost == 0 && resurrected == 0 && overwritten == 0 }
  }

  /// Something to tell under a name.
  package struct Fact: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Throughputs of two ways over the same table.
  package struct Comparison: Sendable {
    /// The page's.
    package var title: String
    /// What is compared and what it shows, in a sentence or two.
    package var says: String
    /// How the curves relate to the run that the rest of the page tells of.
    package var note: String
    /// What the curves count, as in `write units a second`.
    package var unit: String
    /// The one that falls first, the one that doesn't second.
    package var curves: [Curve]
    /// The most that could be had.
    package var allowed: Curve

    package init(title: String, says: String, note: String, unit: String, curves: [Curve], allowed: Curve) {
      self.title = title
      self.says = says
      self.note = note
      self.unit = unit
      self.curves = curves
      self.allowed = allowed
    }

    /// One way's throughput.
    package struct Curve: Sendable {
      /// As in `one scanner in hash order`.
      package var name: String
      /// Values at moments in seconds since its start, in order.
      package var points: [(seconds: Double, value: Double)]

      package init(name: String, points: [(seconds: Double, value: Double)]) {
        self.name = name
        self.points = points
      }
    }
  }
}
