internal import DualTableScan

/// Compares partitions on a thread of its own: one comparer a core.
actor PartitionComparer {
  private nonisolated let executor: any SerialExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let directory: String
  private let digester: IDDigester
  private let records: SpillRecords

  init(_ directory: String, digester: IDDigester, records: SpillRecords, executor: any SerialExecutor) {
    self.executor = executor
    self.directory = directory
    self.digester = digester
    self.records = records
  }

  /// Compares one partition of both tables and writes its suspects to their file.
  func compare(_ partition: Int) throws(StateError) -> PartitionDiff.Counts {
    var suspects = try SuspectFile(directory, partition)
    let counts = try PartitionDiff(directory, partition, digester: digester, records: records).run { (key, seen) throws(StateError) in
      try suspects.append(key, seen)
    }
    try suspects.flush()
    return counts
  }
}
