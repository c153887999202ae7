internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import HTTPTransport

/// Verifies segments of a run that several processes share, page by page of the old table: one a worker.
///
/// Before the first page of a segment the new table's part of the same number is read into memory, by eventual reads of whole pages, which
/// is the cheapest there is. Who takes a segment over reads it again; its ids count with the segment's first page alone. That both parts
/// hold the same keys makes it cheap and is never relied on.
///
/// A process that may only work for a while spends a quarter of that on it at most, and looks up by their keys what it didn't meet: else
/// one with a small budget would read the same part again and again, and never come to a page that counts.
struct SegmentVerifier: ~Copyable {
  private let configuration: Verification.Configuration
  private let digester: IDDigester
  private let rechecker: Rechecker
  private let scansNew: Bool
  private let control: PassControl
  private let records: SpillRecords
  private var old: OldScanWorker
  private var new: NewScanWorker
  private var ids: SegmentIDs?
  /// Findings listed of the segment.
  private var listed = (segment: -1, count: 0)

  /// Findings that are listed of a segment in one worker's hands; what is more is counted.
  static let mostListed = 1_000
  /// Bytes that those of one page may take: a transaction of the control table holds 4 MB.
  private static let mostBytes = 3_000_000

  init(
    _ configuration: Verification.Configuration, _ digester: IDDigester, _ rechecker: Rechecker, scansNew: Bool, index: Int,
    old oldControl: PassControl, new newControl: PassControl
  ) {
    self.configuration = configuration
    self.digester = digester
    self.rechecker = rechecker
    self.scansNew = scansNew
    control = newControl
    records = SpillRecords(hasContents: configuration.comparesContent)
    old = OldScanWorker(configuration, nil, digester, partitions: 1, index: index, control: oldControl)
    new = NewScanWorker(configuration, nil, digester, partitions: 1, index: index, control: newControl)
  }

  /// Deals with a page; nil if the run was asked to stop before it was through.
  mutating func verify(_ next: SegmentPage) async throws -> PassCheckpoint.Outcome? {
    var counts = PassCounts()
    if scansNew && ids?.segment != next.segment {
      guard let found = try await readNew(next) else { return nil }
      counts = found
    }
    guard var outcome = try await old.scan(next) else { return nil }
    outcome.counts += counts
    let suspects = try SegmentIDs.suspects(old.ids, records, digester, in: &ids, configuration.mapping.newSchema)
    guard try await judge(suspects, next, &outcome) else { return nil }
    return outcome
  }

  /// Reads the new table's part; nil if the run was asked to stop.
  private mutating func readNew(_ next: SegmentPage) async throws -> PassCounts? {
    ids = nil
    var found = SegmentIDs(
      segment: next.segment, bytes: configuration.idBytes / configuration.openSegments, hasContents: configuration.comparesContent)
    var sum = PassCounts()
    var page = next.page(after: nil)
    let end = configuration.timeLimit.map { control.now() + $0 / 4 }
    var isWhole = false
    while !isWhole {
      if let end, control.now() >= end { break }
      guard let outcome = try await new.scan(page) else { return nil }
      try found.add(new.ids, records)
      sum += outcome.counts
      isWhole = outcome.lastEvaluatedKey == nil
      page = next.page(after: outcome.lastEvaluatedKey)
    }
    ids = found
    var counts = PassCounts()
    counts[.newReadMilliunits] = sum[.readMilliunits]
    if next.exclusiveStartKey == nil && !isWhole { counts[.uncounted] = 1 }
    if next.exclusiveStartKey == nil && isWhole {
      counts[.newIDs] = sum[.ids]
      counts[.tombstones] = sum[.tombstones]
    }
    return counts
  }

  /// Looks at the suspects of a page and adds what they come to; false if the run was asked to stop.
  private mutating func judge(_ suspects: [Suspect], _ next: SegmentPage, _ outcome: inout PassCheckpoint.Outcome) async throws -> Bool {
    var sum = Rechecker.Counts()
    var lines = outcome.lines
    let size = rechecker.batchSize
    for start in stride(from: 0, to: suspects.count, by: size) {
      // Where the new table wasn't scanned nearly all of them are there.
      guard
        let findings = try await rechecker.recheck(
          suspects[start..<min(start + size, suspects.count)], isFirstConsistent: scansNew)
      else { return false }
      sum += findings.counts
      lines += findings.found + findings.superseded
      outcome.counts[.readMilliunits] += findings.oldMilliunits
      outcome.counts[.newReadMilliunits] += findings.newMilliunits
    }
    outcome.counts[.rechecked] = scansNew ? sum.rechecked : sum.twice
    outcome.counts[.missing] = sum.missing
    outcome.counts[.repaired] = sum.repaired
    outcome.counts[.differing] = sum.differing
    outcome.counts[.superseded] = sum.superseded
    outcome.counts[.undecided] = sum.undecided
    outcome.counts[.unconvertible] += sum.unconvertible
    outcome.counts[.matched] = outcome.counts[.ids] - sum.missing - sum.undecided - sum.unconvertible - sum.gone
    if listed.segment != next.segment { listed = (next.segment, 0) }
    outcome.list(lines, atMost: Self.mostListed - listed.count, bytes: Self.mostBytes)
    listed.count += outcome.reasons.values.reduce(0, +)
    return true
  }
}

extension PassCheckpoint.Outcome {
  /// Lists findings, whole lines of JSON, and counts by their reasons; what is too much is only counted.
  fileprivate mutating func list(_ findings: [UInt8], atMost most: Int, bytes: Int) {
    lines = []
    reasons = [:]
    var count = 0
    for line in findings.split(separator: 0x0A) {
      guard count < most, lines.count + line.count < bytes else {
        counts[.unlisted] += 1
        continue
      }
      count += 1
      lines += line
      lines.append(0x0A)
      reasons[Finding.reason(of: line), default: 0] += 1
    }
  }
}
