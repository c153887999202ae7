public import DynamoDBClient
public import MigrationControl

/// Where a repository learns the migration's phase.
public struct PhaseSource: Sendable {
  internal enum Kind: Sendable {
    case fixed(MigrationPhase)
    case controlTable(String, DynamoDBClient)
  }

  internal let kind: Kind

  /// One phase for the repository's whole life: for one process, or for a deployment that stops its writers between phases.
  ///
  /// Nothing asks other instances then. Between the end of every backfill and a deployment in phase 5 must lie 30 minutes.
  public static func fixed(_ phase: MigrationPhase) -> PhaseSource { PhaseSource(kind: .fixed(phase)) }

  /// The phase that the control table says, in which `dualtable phase init` and `dualtable cutover` write it.
  ///
  /// The repository's `run()` must run: it tells the table that this instance is there, and learns of every switch.
  ///
  /// - Parameters:
  ///   - name: the control table's name or ARN.
  ///   - client: reads and writes it.
  public static func controlTable(_ name: String, client: DynamoDBClient) -> PhaseSource {
    PhaseSource(kind: .controlTable(name, client))
  }
}
