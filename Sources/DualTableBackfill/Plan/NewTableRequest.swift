package import DynamoDBClient
package import DynamoDBModel

/// The request that makes NEW: keys and indexes as the mapping says, everything else as OLD has it.
package enum NewTableRequest {
  /// Makes the request.
  ///
  /// A stream is left out: whoever follows it would see every put of the backfill. So is time to live, which must be off until phase 5.
  /// - Parameters:
  ///   - indexes: NEW's, by the mapping.
  ///   - tags: OLD's.
  package static func make(
    table: String, keys: KeySchema, indexes: [(name: String, keys: KeySchema)], old: TableDescription, tags: [Tag]
  ) -> CreateTableInput {
    var input = CreateTableInput(tableName: plain(table), keys: keys)
    let isOnDemand = old.billingMode == .payPerRequest
    input.billingMode = isOnDemand ? .payPerRequest : .provisioned
    let throughput = isOnDemand ? nil : old.provisionedThroughput
    input.provisionedThroughput = throughput
    if isOnDemand, let limits = old.onDemandThroughput, limits.maxReadRequestUnits != nil || limits.maxWriteRequestUnits != nil {
      input.onDemandThroughput = limits
    }
    input.warmThroughput = old.warmThroughput.flatMap { isWarmed($0) ? $0 : nil }
    input.add(indexes: indexes, throughput: throughput)
    // A key of the service's own is what a table gets that says nothing.
    if let encryption = old.sseSpecification, encryption.enabled { input.sseSpecification = encryption }
    if let tableClass = old.tableClass, tableClass != .standard { input.tableClass = tableClass }
    if old.deletionProtectionEnabled { input.deletionProtectionEnabled = true }
    // The account's own labels can't be given by hand.
    let own = tags.filter { !$0.key.hasPrefix("aws:") }
    if !own.isEmpty { input.tags = own }
    return input
  }

  /// True if the table was split for more than every table on demand is: less than that can't be asked for.
  private static func isWarmed(_ warm: WarmThroughput) -> Bool {
    warm.readUnitsPerSecond ?? 0 > PlanEstimate.coldReadUnits || warm.writeUnitsPerSecond ?? 0 > PlanEstimate.coldWriteUnits
  }

  /// The name in an ARN: a table is made by its name.
  private static func plain(_ table: String) -> String { table.split(separator: "/").dropFirst().first.map { String($0) } ?? table }
}
