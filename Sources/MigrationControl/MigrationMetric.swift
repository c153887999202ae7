/// The metrics of a migration, by the names that services see; units are in the names.
package enum MigrationMetric: String, Sendable, CaseIterable {
  /// The phase as of the last beat, 1 to 5.
  case phase = "dualtable_phase"
  /// How old what is known of the phase was at the end of the last beat.
  case leaseAge = "dualtable_lease_age_seconds"
  /// How often the phase was seen to change.
  case switches = "dualtable_phase_switches_total"
  /// Beats that failed.
  case failedBeats = "dualtable_failed_beats_total"
}
