internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBModel
internal import HTTPTransport

/// Everything of a verification that blocks on the disk: spilling ids, comparing partitions, keeping suspects and findings.
///
/// Runs on a serial executor of its own, like the checkpoints.
actor VerifyStore {
  nonisolated let executor: any SerialExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let directory: String
  private let digester: IDDigester
  private let newSchema: KeySchema
  private let partitions: Int
  private var old: SpillFiles
  private var new: SpillFiles
  private var suspects: File
  private var suspectBatch = ByteBuffer()
  private var batchCount = 0
  private var suspectReader: SpillReader?
  private var missing: JSONLinesFile

  /// Suspects that a worker takes at once.
  private static let batchSize = 100

  init(
    directory: String, partitions: Int, digester: IDDigester, newSchema: KeySchema, executor: any SerialExecutor
  ) throws(StateError) {
    self.directory = directory
    self.partitions = partitions
    self.digester = digester
    self.newSchema = newSchema
    self.executor = executor
    old = try SpillFiles(directory, .old, partitions: partitions)
    new = try SpillFiles(directory, .new, partitions: partitions)
    // What an earlier process suspected is found again.
    suspects = try File("\(directory)/suspects.ids", .replace)
    missing = try JSONLinesFile("\(directory)/missing.jsonl", checkpointed: 0)
  }

  /// Appends a page's ids to the spill files, before the page counts as done.
  func spill(_ page: inout SpillPage, _ role: Verification.Role) throws(StateError) {
    switch role {
    case .old: try old.append(&page)
    case .new: try new.append(&page)
    }
  }

  /// Compares one partition of both tables and keeps its suspects.
  func compare(_ partition: Int) throws(StateError) -> PartitionDiff.Counts {
    let diff = PartitionDiff(
      oldPath: SpillFiles.path(directory, .old, partition), newPath: SpillFiles.path(directory, .new, partition), digester: digester)
    let counts = try diff.run { (key) throws(StateError) in
      suspectBatch.append(UInt8(truncatingIfNeeded: key.count))
      suspectBatch.append(UInt8(truncatingIfNeeded: key.count >> 8))
      suspectBatch.append(key)
      batchCount += 1
      if batchCount == Self.batchSize { try flushSuspects() }
    }
    try flushSuspects()
    return counts
  }

  private func flushSuspects() throws(StateError) {
    guard batchCount > 0 else { return }
    var frame = ByteBuffer(capacity: suspectBatch.count + Frame.headSize)
    Frame.append(to: &frame) { $0.append(suspectBatch.span) }
    try suspects.append(frame.span)
    suspectBatch.removeAll()
    batchCount = 0
  }

  /// The new keys of the next suspects; none once all were handed out.
  func nextSuspects() throws(StateError) -> [Item] {
    if suspectReader == nil { suspectReader = try SpillReader(suspects.path) }
    var keys: [Item] = []
    _ = try suspectReader?.next { (payload) throws(StateError) in
      try payload.forEachKey { (canonical) throws(StateError) in
        guard let key = newSchema.key(canonical: canonical) else {
          throw StateError(.damaged, "\(suspects.path) holds what is no key: remove its directory and verify again.")
        }
        keys.append(key)
      }
    }
    return keys
  }

  /// Appends findings of the recheck.
  func report(_ lines: [UInt8]) throws(StateError) { try missing.append(lines.span) }

  /// Writes all findings to the file at `path`: those of the scan, in `unconvertible`, then those of the recheck.
  func writeFindings(to path: String, unconvertible: String) throws(StateError) {
    let out = try File(path, .replace)
    for source in [unconvertible, "\(directory)/missing.jsonl"] {
      let file = try File(source, .read)
      var block = ByteBuffer(capacity: 65_536)
      var offset = 0
      while try file.read(at: offset, 65_536, into: &block) > 0 {
        try out.append(block.span)
        offset += block.count
        block.removeAll()
      }
    }
    // A pipe or a terminal can't be synced, and needn't be.
    try? out.sync()
  }
}
