/// Whose credentials do which part of a migration.
package enum MigrationRole: String, Sendable, CaseIterable {
  /// The service's instances, by the repository.
  case service
  /// `backfill` and `redrive`, and `verify --repair`.
  case backfill
  /// `verify`, which writes to neither table.
  case verifier
  /// `plan`, `phase`, `cutover`, `fence` and `sweep`.
  case `operator`
}
