internal import DualTableScan

/// How long a backfill takes and what it costs, from OLD's size and a sample.
package struct PlanEstimate: Sendable, Hashable {
  /// The run at one write rate.
  package struct Rate: Sendable, Hashable {
    package let writeUnitsPerSecond: Int
    /// What the scan takes meanwhile.
    package let readUnitsPerSecond: Int
    package let itemsPerSecond: Double
    package let seconds: Double
  }

  /// Rates that are shown whatever the tables have: from a table nobody planned for to an account's default quota.
  package static let usualRates = [100, 400, 1_000, 4_000, 10_000, 40_000]
  /// What a new table on demand takes without having been warmed.
  package static let coldWriteUnits = 4_000
  /// What a new table on demand gives without having been warmed.
  package static let coldReadUnits = 12_000
  /// The quota of a table on demand, unless it was raised.
  package static let quota = 40_000
  /// A night: what a run should take at most.
  private static let night = 28_800.0
  /// Bytes or units, at most: DescribeTable may say anything.
  private static let most = 0x1p53

  package let items: Int
  package let readUnits: Double
  package let writeUnits: Double
  /// What a verify reads, which scans both tables.
  package let verifyReadUnits: Double
  package let rates: [Rate]
  package let prices: PriceList
  package let segments: Int
  /// Write units a second at which the run ends within a night.
  package let recommendedWriteUnits: Int
  package let recommendedReadUnits: Int

  /// Estimates from what DescribeTable tells, which is up to six hours old, or from the sample where that is more.
  ///
  /// - Parameters:
  ///   - oldItems: OLD's count of items; 0 where unknown.
  ///   - oldBytes: OLD's size; 0 where unknown.
  ///   - newWriteUnits: what NEW is split for, provisioned or warm; 0 where unknown.
  package init(
    oldItems: Int, oldBytes: Int, sample: SampleSummary, newWriteUnits: Int, newReadUnits: Int, openSegments: Int, prices: PriceList
  ) {
    items = max(oldItems, sample.items)
    let perItem = Double(max(1, sample.items))
    let bytes = min(max(Double(oldBytes), Double(sample.oldBytes) / perItem * Double(items)), Self.most)
    let newBytes = Double(sample.newBytes) / perItem * Double(items)
    // A consistent scan: a unit for 4 KB.
    let readUnits = (bytes / 4_096).rounded(.up)
    let writeUnits = min((Double(sample.writeUnits) / perItem * Double(items)).rounded(.up), Self.most)
    (self.readUnits, self.writeUnits) = (readUnits, writeUnits)
    verifyReadUnits = readUnits + (newBytes / 4_096).rounded(.up)
    self.prices = prices
    segments = SegmentPlan.count(
      tableBytes: Int(bytes), openSegments: openSegments, writeUnits: newWriteUnits, readUnits: newReadUnits)
    let wanted = (writeUnits / Self.night / 100).rounded(.up) * 100
    recommendedWriteUnits = min(max(Int(wanted), 400), Self.quota)
    let items = items
    func rate(_ units: Int) -> Rate {
      // Where nothing is written, the scan alone takes its time.
      let seconds = max(1, max(writeUnits / Double(units), writeUnits == 0 ? readUnits / Double(units) : 0))
      return Rate(
        writeUnitsPerSecond: units, readUnitsPerSecond: Int((readUnits / seconds).rounded(.up)),
        itemsPerSecond: Double(items) / seconds, seconds: seconds)
    }
    recommendedReadUnits = rate(recommendedWriteUnits).readUnitsPerSecond
    let shown = Self.usualRates + [recommendedWriteUnits] + (newWriteUnits > 0 ? [newWriteUnits] : [])
    rates = Set(shown).sorted().map(rate)
  }

  /// What the backfill costs on demand, in dollars.
  package var cost: Double { prices.cost(readUnits: readUnits, writeUnits: writeUnits) }
  /// What a verify costs.
  package var verifyCost: Double { prices.cost(readUnits: verifyReadUnits, writeUnits: 0) }
}
