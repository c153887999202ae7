import DualTableScan
import DynamoDBClient
import HTTPTransport
import TestSupport
import Testing

@testable import DualTableVerify

@Suite struct SpillTests {
  let directory = TemporaryDirectory()
  static let digester = IDDigester(seed: 5)

  static func key(_ number: Int) -> [UInt8] { Array("key-\(number)-\(String(repeating: "x", count: number % 50))".utf8) }

  /// Spills pages of old keys and of new digests; what they held, by partition.
  private func spill(_ pages: [[Int]], partitions: Int) throws -> [Int: [[UInt8]]] {
    var old = try SpillFiles(directory.path, .old, partitions: partitions)
    var new = try SpillFiles(directory.path, .new, partitions: partitions)
    var model: [Int: [[UInt8]]] = [:]
    var oldPage = SpillPage(partitions: partitions)
    var newPage = SpillPage(partitions: partitions)
    for page in pages {
      oldPage.removeAll()
      newPage.removeAll()
      for number in page {
        let key = Self.key(number)
        let digest = Self.digester.digest(key.span)
        oldPage.add(digest, canonicalKey: ByteBuffer(key))
        newPage.add(digest)
        model[digest.partition(of: partitions), default: []].append(key)
      }
      try old.append(&oldPage)
      try new.append(&newPage)
    }
    return model
  }

  private func keys(_ partition: Int, step: Int = 1 << 18) throws -> [[UInt8]] {
    var keys: [[UInt8]] = []
    let reader = try SpillReader(SpillFiles.path(directory.path, .old, partition), step: step)
    while try reader.next({ (payload) throws(StateError) in
      try payload.forEachKey { (key) throws(StateError) in keys.append((0..<key.count).map { key[$0] }) }
    }) {}
    return keys
  }

  private func digests(_ partition: Int) throws -> [IDDigest] {
    var digests: [IDDigest] = []
    let reader = try SpillReader(SpillFiles.path(directory.path, .new, partition))
    while try reader.next({ (payload) throws(StateError) in
      for offset in stride(from: 0, to: payload.count, by: IDDigest.size) { digests.append(IDDigest(payload, at: offset)) }
    }) {}
    return digests
  }

  @Test(arguments: [1, 3, 128], [1, 7, 1 << 18])
  func `ids come back from their partitions in order, whatever the reader's step`(partitions: Int, step: Int) throws {
    let model = try spill([Array(0..<300), [], [1_000], Array(300..<500)], partitions: partitions)
    for partition in 0..<partitions {
      #expect(try keys(partition, step: step) == model[partition] ?? [])
      #expect(try digests(partition) == (model[partition] ?? []).map { Self.digester.digest($0.span) })
    }
    #expect(model.values.map(\.count).reduce(0, +) == 501)
  }

  @Test func `an item that failed half-way leaves no id`() throws {
    var page = SpillPage(partitions: 1)
    var files = try SpillFiles(directory.path, .old, partitions: 1)
    for number in 0..<5 {
      let before = page.count
      page.add(Self.digester.digest(Self.key(number).span), canonicalKey: ByteBuffer(Self.key(number)))
      page.add(Self.digester.digest(Self.key(number + 100).span), canonicalKey: ByteBuffer(Self.key(number + 100)))
      if number % 2 == 0 { page.truncate(to: before) }
    }
    try files.append(&page)
    #expect(try keys(0) == [1, 101, 3, 103].map { Self.key($0) })
  }

  @Test func `a file torn at any byte loses whole pages only, and goes on`() throws {
    let name = "old.0.ids"
    _ = try spill([[1, 2, 3], [4, 5], [6]], partitions: 1)
    let bytes = try directory.bytes(name)
    for cut in 0..<bytes.count {
      try directory.write(name, Array(bytes.prefix(cut)))
      _ = try spill([[9]], partitions: 1)
      let whole: [Int] = cut < frame(bytes, 0) ? [] : cut < frame(bytes, 1) ? [1, 2, 3] : [1, 2, 3, 4, 5]
      #expect(try keys(0) == (whole + [9]).map { Self.key($0) }, "cut at \(cut)")
    }
  }

  /// Where the frame of this number ends.
  private func frame(_ bytes: [UInt8], _ number: Int) -> Int {
    (0...number).reduce(0) { offset, _ in Frame.extent(bytes.span, at: offset)!.upperBound }
  }

  @Test func `a flipped bit is an error, never a clean comparison`() throws {
    let name = "old.0.ids"
    _ = try spill([[1, 2], [3]], partitions: 1)
    var bytes = try directory.bytes(name)
    for index in bytes.indices {
      bytes[index] ^= 0x10
      try directory.write(name, bytes)
      #expect(throws: StateError.self) { _ = try keys(0) }
      bytes[index] ^= 0x10
    }
  }

  @Test func `the comparison finds exactly what differs`() throws {
    for seed in 0..<60 as Range<UInt64> { try compare(seed) }
  }

  /// Random ids in both tables, some spilled twice, in parts of a few digests, against sets.
  private func compare(_ seed: UInt64) throws {
    let directory = TemporaryDirectory()
    var generator = SeededGenerator(seed: seed)
    let partitions = 1 + generator.below(4)
    var old = try SpillFiles(directory.path, .old, partitions: partitions)
    var new = try SpillFiles(directory.path, .new, partitions: partitions)
    var (oldSet, newSet): (Set<[UInt8]>, Set<[UInt8]>) = ([], [])
    var records = (0, 0)
    let losses = generator.below(4)
    for _ in 0..<generator.below(12) {
      var oldPage = SpillPage(partitions: partitions)
      var newPage = SpillPage(partitions: partitions)
      for _ in 0..<generator.below(60) {
        let key = Self.key(generator.below(400))
        if generator.below(10) >= losses {
          newPage.add(Self.digester.digest(key.span))
          newSet.insert(key)
        }
        if generator.below(10) > 0 {
          oldPage.add(Self.digester.digest(key.span), canonicalKey: ByteBuffer(key))
          oldSet.insert(key)
        }
      }
      for _ in 0...generator.below(2) {
        try old.append(&oldPage)
        try new.append(&newPage)
        records = (records.0 + oldPage.count, records.1 + newPage.count)
      }
    }
    var suspects: [[UInt8]] = []
    var counts = PartitionDiff.Counts()
    let atOnce = 1 + generator.below(200)
    for partition in 0..<partitions {
      let diff = PartitionDiff(
        oldPath: SpillFiles.path(directory.path, .old, partition), newPath: SpillFiles.path(directory.path, .new, partition),
        digester: Self.digester, digestsAtOnce: atOnce)
      counts += try diff.run { (key) throws(StateError) in suspects.append((0..<key.count).map { key[$0] }) }
    }
    #expect(suspects.count == Set(suspects).count, "seed \(seed)")
    #expect(Set(suspects) == oldSet.subtracting(newSet), "seed \(seed)")
    #expect(counts.suspects == suspects.count && counts.extra == newSet.subtracting(oldSet).count, "seed \(seed)")
    #expect(counts.oldRecords == records.0 && counts.newRecords == records.1, "seed \(seed)")
  }
}
