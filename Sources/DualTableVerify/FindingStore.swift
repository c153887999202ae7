internal import DualTableScan
internal import DynamoDBModel
internal import HTTPTransport

/// What the recheck reads and writes on disk: suspects in, findings out. Runs on a thread of its own.
actor FindingStore {
  private nonisolated let executor: any SerialExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private static let (foundFile, supersededFile) = ("found.jsonl", "superseded.jsonl")
  static let files = [foundFile, supersededFile]

  private let directory: String
  private let newSchema: KeySchema
  private let partitions: Int
  private var reader: SpillReader?
  private var nextPartition = 0
  private var found: JSONLinesFile
  private var superseded: JSONLinesFile

  /// Begins a recheck; what an earlier process found is found again.
  init(_ directory: String, partitions: Int, newSchema: KeySchema, executor: any SerialExecutor) throws(StateError) {
    self.executor = executor
    self.directory = directory
    self.partitions = partitions
    self.newSchema = newSchema
    found = try JSONLinesFile("\(directory)/\(Self.foundFile)", checkpointed: 0)
    superseded = try JSONLinesFile("\(directory)/\(Self.supersededFile)", checkpointed: 0)
  }

  /// The next suspects, no two with one key; none once all were handed out.
  func nextSuspects() throws(StateError) -> [Suspect] {
    while true {
      if let reader {
        let suspects = try SuspectFile.next(reader, newSchema)
        if !suspects.isEmpty { return suspects }
      }
      guard nextPartition < partitions else { return [] }
      reader = try SpillReader(SuspectFile.path(directory, nextPartition))
      nextPartition += 1
    }
  }

  /// Appends lines of the recheck.
  func report(found lines: [UInt8], superseded others: [UInt8]) throws(StateError) {
    try found.append(lines.span)
    try superseded.append(others.span)
  }

  /// Writes all findings to the file at `path`: those of the scan, in the file `unconvertible`, then those of the recheck.
  ///
  /// - Parameter listsSuperseded: what was written since goes to the file at `path` + `.superseded`.
  func writeFindings(to path: String, unconvertible: String, listsSuperseded: Bool) throws(StateError) {
    try Self.join([unconvertible, Self.foundFile].map { "\(directory)/\($0)" }, to: path)
    if listsSuperseded { try Self.join(["\(directory)/\(Self.supersededFile)"], to: "\(path).superseded") }
  }

  private static func join(_ sources: [String], to path: String) throws(StateError) {
    let out = try File(path, .replace)
    for source in sources {
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
