internal import DualTableScan
internal import DualTableVerify
internal import Glibc
internal import HTTPTransport

/// What a verification does between the network and its recheck, in a process of its own: digests, spill files, comparison.
enum DiffRun {
  static let subcommand = "diff"
  /// Ids that a page of a megabyte holds.
  private static let idsInPage = 1_000
  /// Every so many ids the new table lacks one.
  static let lossEvery = 9_973

  /// The child's side; takes the number of ids, the threads (1 or 2) and the directory for the files.
  static func main(_ arguments: [String]) async throws {
    guard arguments.count == 3, let count = Int(arguments[0]), let threads = Int(arguments[1]) else {
      throw Failure("diff takes: ids threads directory")
    }
    let directory = arguments[2]
    let partitions = Verification.partitions(items: count)
    let digester = IDDigester(seed: 7)
    let began = monotonicSeconds()
    try await Self.onThreads(threads, 0..<2) { table throws(StateError) in
      try spill(table == 0 ? .old : .new, count, directory, partitions, digester)
    }
    let spilled = monotonicSeconds()
    let counts = try await Self.onThreads(threads, 0..<partitions) { partition throws(StateError) in
      try PartitionDiff(directory, partition, digester: digester, records: SpillRecords(hasContents: false)).run { _, _ in }
    }.reduce(into: PartitionDiff.Counts()) { $0 += $1 }
    let ended = monotonicSeconds()
    let isRight = counts.suspects == (count + lossEvery - 1) / lossEvery && counts.oldRecords == count && counts.extra == 0
    let usage = try Usage.current()
    var fields = Fields()
    if !isRight { fields.set("error", "\(counts.suspects) suspects among \(counts.oldRecords) ids") }
    fields.set("seconds", ended - began)
    fields.set("spill", spilled - began)
    fields.set("diff", ended - spilled)
    fields.set("cpu", usage.seconds)
    fields.set("peak", usage.peakBytes)
    Terminal.write(fields.text)
  }

  /// Works on each of `numbers` once, on so many threads.
  @discardableResult
  private static func onThreads<Value: Sendable>(
    _ threads: Int, _ numbers: Range<Int>, _ work: @escaping @Sendable (Int) throws(StateError) -> Value
  ) async throws -> [Value] {
    try await withThrowingTaskGroup(of: [Value].self) { group in
      for thread in 0..<threads {
        group.addTask { try stride(from: numbers.lowerBound + thread, to: numbers.upperBound, by: threads).map { try work($0) } }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private static func spill(
    _ role: Verification.Role, _ count: Int, _ directory: String, _ partitions: Int, _ digester: IDDigester
  ) throws(StateError) {
    var files = try SpillFiles(directory, role, partitions: partitions)
    var page = SpillPage(partitions: partitions)
    var key = ByteBuffer(capacity: 64)
    for start in stride(from: 0, to: count, by: idsInPage) {
      page.removeAll()
      for number in start..<min(start + idsInPage, count) {
        if role == .new && number % lossEvery == 0 { continue }
        key.removeAll()
        // A canonical key: type, length, text.
        key.append(UInt8(ascii: "S"))
        for byte in [UInt8(ids.length), 0, 0, 0] { key.append(byte) }
        ids.append(number, to: &key)
        let digest = digester.digest(key.span)
        if role == .old { page.add(digest, canonicalKey: key) } else { page.add(digest) }
      }
      try files.append(&page)
    }
  }

  private static let ids = SampleIDs()

  /// Writes the same ids as lines, one file a table, as `sort` takes them.
  static func writeLines(_ count: Int, directory: String) throws {
    for role in [Verification.Role.old, .new] {
      let file = try File("\(directory)/\(role.rawValue).txt", .replace)
      var lines = ByteBuffer(capacity: 1 << 20)
      for number in 0..<count where role == .old || number % lossEvery != 0 {
        ids.append(number, to: &lines)
        lines.append(UInt8(ascii: "\n"))
        if lines.count > 1_000_000 {
          try file.append(lines.span)
          lines.removeAll()
        }
      }
      try file.append(lines.span)
    }
  }
}

/// Ids in no order, no two alike: `u-` and sixteen hexadecimal digits.
struct SampleIDs: Sendable {
  let length = 18

  func append(_ number: Int, to bytes: inout ByteBuffer) {
    // Each step can be undone, so different numbers stay different.
    var word = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
    word = (word ^ word &>> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word &>> 27) &* 0x94D0_49BB_1331_11EB
    word ^= word &>> 31
    bytes.append("u-")
    for shift in stride(from: 60, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: word &>> UInt64(shift)) & 15
      bytes.append(digit < 10 ? digit &+ 48 : digit &+ 87)
    }
  }
}
