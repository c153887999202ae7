/// What tables, indexes and their partitions have left: a value that is told of each request's cost and says whether it is too much.
///
/// A table or index has a bucket of its own by its billing mode, and partitions by the hash of the partition key, each with what one
/// partition of the service gives. Partitions split where they stay hot and where they get too large.
package struct CapacityModel: Sendable {
  /// The service's figures. Those that it documents are its own; `heatMilliseconds` is ours, since how long a partition must be hot
  /// before it is split isn't told.
  struct Settings: Sendable, Hashable {
    /// Units a second of one partition.
    var partitionRead = 3_000.0
    var partitionWrite = 1_000.0
    /// How long unused provisioned units are kept, in seconds.
    var burstSeconds = 300.0
    /// What a new on-demand table gives, in units a second.
    var onDemandRead = 12_000.0
    var onDemandWrite = 4_000.0
    /// An on-demand table gives twice the peak of the last such span.
    var doublingMilliseconds: Int64 = 1_800_000
    /// What an account lets one on-demand table take, in units a second.
    var accountRead = 40_000.0
    var accountWrite = 40_000.0
    /// Bytes that a partition holds at most.
    var partitionBytes = 10_000_000_000
    /// How long a partition must refuse before it is split in two.
    var heatMilliseconds: Int64 = 300_000
  }

  private let settings: Settings
  private var resources: [ResourceName: ResourceCapacity] = [:]

  init(settings: Settings = Settings()) { self.settings = settings }

  /// Takes all charges of a request, or none of them and says why.
  ///
  /// - Parameters:
  ///   - given: what a resource was given, which may have changed since the last request; nil: no limits.
  ///   - now: milliseconds, never less than before.
  /// - Returns: the limits that were met; none if everything was taken.
  mutating func admit(
    _ charges: [CapacityCharge], at now: Int64, _ given: (ResourceName) -> GivenCapacity?
  ) -> [Throttling] {
    var met: [Throttling] = []
    for charge in charges {
      let name = ResourceName(table: charge.table, index: charge.index)
      guard let given = given(name) else { continue }
      if resources[name] == nil { resources[name] = ResourceCapacity(given, settings, at: min(now, given.since)) }
      if let limit = resources[name]?.limit(on: charge, given: given, settings, at: now) {
        met.append(Throttling(limit: limit, charge: charge, isOnDemand: given.isOnDemand))
      }
    }
    guard met.isEmpty else { return met }
    for charge in charges { resources[ResourceName(table: charge.table, index: charge.index)]?.take(charge) }
    return []
  }

  /// Forgets a table and its indexes, so that one made anew under the name begins anew.
  mutating func remove(table: String) { resources = resources.filter { $0.key.table != table } }

  /// Partitions that a table or index has come to have, for tests.
  func partitionCount(of name: ResourceName) -> Int { resources[name]?.partitionCount ?? 0 }
}
