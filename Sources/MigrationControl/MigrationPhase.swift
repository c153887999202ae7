/// Where a migration stands: which table is read and which is written.
///
/// Steps go 1→2→3→4→5, back only 2→1 and 4→3; instances of one service are never in phases that aren't neighbors.
public enum MigrationPhase: Int, Sendable, CaseIterable, Comparable, CustomStringConvertible {
  /// 1: the old table is read and written.
  case old = 1
  /// 2: reads ask the new table, then the old one; writes go to the old one.
  case dualRead
  /// 3: reads ask the new table, then the old one, which is frozen; writes go to the new one. The backfill runs here.
  case dualTable
  /// 4: the new table alone; deletes still leave tombstones, so that going back to 3 stays possible.
  case newWithTombstones
  /// 5: the new table alone; deletes delete.
  case new

  /// The name that command lines and control items use.
  public var description: String {
    switch self {
    case .old: "old"
    case .dualRead: "dualRead"
    case .dualTable: "dualTable"
    case .newWithTombstones: "newWithTombstones"
    case .new: "new"
    }
  }

  /// The phase of that name, nil if there is none.
  public init?(name: String) {
    guard let phase = Self.allCases.first(where: { $0.description == name }) else { return nil }
    self = phase
  }

  /// Compares by the order of the steps.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
