import DynamoDBClient
import HTTPTransport
import TestSupport
import Testing

@testable import DualTableScan

@Suite struct JournalTests {
  static let records: [JournalRecord] = {
    var counts = PassCounts()
    counts[.scanned] = 1_443
    counts[.migrated] = 1_440
    counts[.failed] = 3
    counts[.bytes] = 1_048_576
    var all = PassCounts()
    for counter in PassCounter.allCases { all[counter] = counter.rawValue == 0 ? 1 << 40 : 1 << counter.rawValue }
    return [
      JournalRecord(.started, elapsedMilliseconds: 0, linesLength: 0),
      JournalRecord(
        .page(segment: 4_095, key: Array(#"{"id":{"S":"ü\"\u0000"}}"#.utf8), counts: counts), elapsedMilliseconds: 127, linesLength: 300),
      JournalRecord(.page(segment: 0, key: [], counts: PassCounts()), elapsedMilliseconds: 128, linesLength: 300),
      JournalRecord(.page(segment: 999_999, key: nil, counts: all), elapsedMilliseconds: RunManifest.longestRun, linesLength: 1 << 40),
      JournalRecord(.ended, elapsedMilliseconds: 5, linesLength: 6),
    ]
  }()

  static func encoded(_ records: [JournalRecord]) -> ByteBuffer {
    var bytes = ByteBuffer()
    for record in records { record.encode(into: &bytes) }
    return bytes
  }

  static func decoded(_ bytes: Span<UInt8>) -> [JournalRecord] {
    var records: [JournalRecord] = []
    var offset = 0
    while let record = JournalRecord(bytes, at: &offset) { records.append(record) }
    return records
  }

  @Test func `records come back as they were`() {
    #expect(Self.decoded(Self.encoded(Self.records).span) == Self.records)
  }

  @Test func `a file torn at any byte gives the whole records before it`() {
    let bytes = Self.encoded(Self.records)
    let ends = (0...Self.records.count).map { Self.encoded(Array(Self.records.prefix($0))).count }
    for length in 0...bytes.count {
      let whole = ends.lastIndex { $0 <= length }!
      #expect(Self.decoded(bytes.span.extracting(0..<length)) == Array(Self.records.prefix(whole)), "cut at \(length)")
    }
  }

  @Test func `a flipped bit anywhere is seen, and nothing behind it is believed`() {
    var bytes = Self.encoded(Self.records)
    let ends = (0...Self.records.count).map { Self.encoded(Array(Self.records.prefix($0))).count }
    for index in 0..<bytes.count {
      for bit in 0..<8 {
        bytes[index] ^= 1 << UInt8(bit)
        let whole = ends.lastIndex { $0 <= index }!
        #expect(Self.decoded(bytes.span) == Array(Self.records.prefix(whole)), "bit \(bit) of byte \(index)")
        bytes[index] ^= 1 << UInt8(bit)
      }
    }
  }

  @Test func `garbage is no record`() {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<2_000 {
      let garbage = (0..<generator.below(64)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      #expect(Self.decoded(garbage.span).isEmpty)
    }
    #expect(Self.decoded(Array(repeating: 0, count: 64).span).isEmpty)
  }

  @Test func `a torn end is cut off, and appending goes on from there`() throws {
    let directory = TemporaryDirectory()
    let path = "\(directory.path)/journal"
    var length = 0
    do {
      var journal = try Journal(creating: path)
      for record in Self.records.prefix(3) { try journal.append(record) }
      length = journal.length
      try journal.append(Self.records[3])
      try journal.sync()
    }
    let whole = try directory.bytes("journal")
    for cut in length..<whole.count {
      try directory.write("journal", Array(whole.prefix(cut)))
      var found: [JournalRecord] = []
      do {
        var journal = try Journal(opening: path) { (record) throws(StateError) in found.append(record) }
        #expect(journal.length == length)
        try journal.append(Self.records[4])
      }
      #expect(found == Array(Self.records.prefix(3)))
      found = []
      _ = try Journal(opening: path) { (record) throws(StateError) in found.append(record) }
      #expect(found == Array(Self.records.prefix(3)) + [Self.records[4]])
    }
  }

  @Test(arguments: ["", "dualtable journal", "dualtable journal 2\n", "{}"])
  func `a file that isn't a journal is refused`(text: String) throws {
    let directory = TemporaryDirectory()
    try directory.write("journal", Array(text.utf8))
    let error = #expect(throws: StateError.self) {
      _ = try Journal(opening: "\(directory.path)/journal") { (_) throws(StateError) in }
    }
    #expect(error?.code == .damaged)
  }
}
