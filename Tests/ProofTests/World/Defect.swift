import DualTableBackfill

/// A rule of the protocol, broken on purpose.
enum Defect: String, CaseIterable, Sendable {
  case deleteWithoutTombstone

  func change(_ configuration: inout Backfill.Configuration) {}
}
