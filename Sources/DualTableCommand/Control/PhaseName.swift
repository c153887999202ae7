internal import MigrationControl

/// A phase as command lines name it.
enum PhaseName: String, Sendable, CaseIterable {
  case old, dualRead, dualTable, newWithTombstones, new

  var phase: MigrationPhase {
    switch self {
    case .old: .old
    case .dualRead: .dualRead
    case .dualTable: .dualTable
    case .newWithTombstones: .newWithTombstones
    case .new: .new
    }
  }
}

extension MigrationPhase {
  /// The phases that a step leads to, the next one first.
  var steps: [MigrationPhase] {
    Self.allCases.filter { MigrationStep(from: self, to: $0) != nil }.sorted(by: >)
  }

  /// The phase behind this one, nil behind the last.
  var following: MigrationPhase? { steps.first { $0 > self } }
}
