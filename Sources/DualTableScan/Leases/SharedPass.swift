/// The item by which processes know that they work on the same pass: what it is of, and what holds for all.
package struct SharedPass: Sendable, Equatable {
  /// What an operator asks of all workers.
  package struct Settings: Sendable, Equatable {
    package var readBudget: CapacityBudget?
    package var writeBudget: CapacityBudget?
    /// Of a verification: reads of the new table.
    package var newReadBudget: CapacityBudget?
    /// Segments that each worker has open; nil: as it was started.
    package var openSegments: Int?
    package var isPaused = false
    /// No worker goes on, and none begins, before somebody resumes the pass.
    package var isStopped = false

    package init(readBudget: CapacityBudget? = nil, writeBudget: CapacityBudget? = nil, newReadBudget: CapacityBudget? = nil) {
      self.readBudget = readBudget
      self.writeBudget = writeBudget
      self.newReadBudget = newReadBudget
    }

    /// Whether there is anything that workers share.
    var hasBudget: Bool { readBudget != nil || writeBudget != nil || newReadBudget != nil }

    /// Changes what `request` asks for; false where it asks for something else.
    @discardableResult
    package mutating func apply(_ request: ControlRequest) -> Bool {
      switch request {
      case .status: return false
      case .pause: isPaused = true
      case .resume: (isPaused, isStopped) = (false, false)
      case .stop: isStopped = true
      case .change(let read, let write, let open):
        readBudget = read ?? readBudget
        newReadBudget = read ?? newReadBudget
        writeBudget = write ?? writeBudget
        openSegments = open ?? openSegments
      }
      return true
    }
  }

  /// Names the run: no other one ever had it.
  package let run: String
  package let manifest: RunManifest
  /// Raised with each change.
  package var revision = 1
  package var settings: Settings
  /// What operators changed, oldest first; the last hundred.
  package var changes: [PassChange] = []
  /// When the first worker began, milliseconds since 1970 by its clock; shown, never compared.
  package let started: Int64
  /// When the last worker was done, likewise; nil while there is something to do.
  package var finished: Int64?

  package init(run: String, manifest: RunManifest, settings: Settings, started: Int64) {
    self.run = run
    self.manifest = manifest
    self.settings = settings
    self.started = started
  }

  /// The item with its next revision, changed.
  package func changed(_ change: (inout SharedPass) -> Void) -> SharedPass {
    var next = self
    next.revision += 1
    change(&next)
    if next.changes.count > 100 { next.changes.removeFirst(next.changes.count - 100) }
    return next
  }
}
