internal import DualTableScan

/// One table's ids on their way to the disk; on a thread of its own, since writing blocks.
actor SpillStore {
  private nonisolated let executor: any SerialExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private var files: SpillFiles

  init(_ directory: String, _ role: Verification.Role, partitions: Int, executor: any SerialExecutor) throws(StateError) {
    self.executor = executor
    files = try SpillFiles(directory, role, partitions: partitions)
  }

  /// Appends a page's ids, before the page counts as done.
  func spill(_ page: inout SpillPage) throws(StateError) { try files.append(&page) }
}
