import DualTableScan
import DynamoDBClient
import DynamoDBModel
import HTTPTransport
import TestSupport
import Testing

@testable import DualTableVerify

@Suite struct SpillTests {
  let directory = TemporaryDirectory()
  static let digester = IDDigester(seed: 5)
  static let records = SpillRecords(hasContents: false)

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
      try Self.records.forEachKey(payload) { (key, _) throws(StateError) in keys.append((0..<key.count).map { key[$0] }) }
    }) {}
    return keys
  }

  private func digests(_ partition: Int) throws -> [IDDigest] {
    var digests: [IDDigest] = []
    let reader = try SpillReader(SpillFiles.path(directory.path, .new, partition))
    while try reader.next({ (payload) throws(StateError) in
      try Self.records.forEachDigest(payload) { (digest, _) throws(StateError) in digests.append(digest) }
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

  @Test(arguments: [false, true]) func `the comparison finds exactly what differs`(hasContents: Bool) throws {
    for seed in 0..<60 as Range<UInt64> { try compare(seed, SpillRecords(hasContents: hasContents)) }
  }

  /// Random ids in both tables, some spilled twice, in parts of a few digests, against sets.
  private func compare(_ seed: UInt64, _ records: SpillRecords) throws {
    let directory = TemporaryDirectory()
    var generator = SeededGenerator(seed: seed)
    let partitions = 1 + generator.below(4)
    var old = try SpillFiles(directory.path, .old, partitions: partitions)
    var new = try SpillFiles(directory.path, .new, partitions: partitions)
    var (oldSet, newSet): (Set<[UInt8]>, [[UInt8]: ContentDigest]) = ([], [:])
    var total = (0, 0)
    let losses = generator.below(4)
    for _ in 0..<generator.below(12) {
      var oldPage = SpillPage(partitions: partitions)
      var newPage = SpillPage(partitions: partitions)
      for _ in 0..<generator.below(60) {
        let key = Self.key(generator.below(400))
        if generator.below(10) >= losses {
          // A tombstone, another content, or the same one; the first that is spilled counts.
          let content = [ContentDigest.tombstone, ContentDigest(value: 7), Self.content][min(generator.below(9), 2)]
          newPage.add(Self.digester.digest(key.span), content: records.hasContents ? content : nil)
          newSet[key] = newSet[key] ?? content
        }
        if generator.below(10) > 0 {
          oldPage.add(
            Self.digester.digest(key.span), canonicalKey: ByteBuffer(key), content: records.hasContents ? Self.content : nil)
          oldSet.insert(key)
        }
      }
      for _ in 0...generator.below(2) {
        try old.append(&oldPage)
        try new.append(&newPage)
        total = (total.0 + oldPage.count, total.1 + newPage.count)
      }
    }
    var suspects: [[UInt8]: ContentDigest] = [:]
    var counts = PartitionDiff.Counts()
    let atOnce = 1 + generator.below(200)
    var handedOut = 0
    for partition in 0..<partitions {
      var diff = PartitionDiff(directory.path, partition, digester: Self.digester, records: records)
      diff.digestsAtOnce = atOnce
      counts += try diff.run { (key, seen) throws(StateError) in
        suspects[(0..<key.count).map { key[$0] }] = seen
        handedOut += 1
      }
    }
    let expected = oldSet.filter { key in
      guard let found = newSet[key] else { return true }
      return records.hasContents && found == ContentDigest(value: 7)
    }
    #expect(handedOut == suspects.count, "seed \(seed): a suspect twice")
    #expect(Set(suspects.keys) == expected, "seed \(seed)")
    #expect(suspects.allSatisfy { $0.value == (newSet[$0.key] == nil ? .tombstone : ContentDigest(value: 7)) }, "seed \(seed)")
    #expect(counts.suspects == suspects.count, "seed \(seed)")
    #expect(counts.extra == Set(newSet.keys).subtracting(oldSet).count, "seed \(seed)")
    #expect(counts.oldRecords == total.0 && counts.newRecords == total.1, "seed \(seed)")
  }

  @Test(arguments: [1, 64], [false, true]) func `the estimate is what spill files take`(partitions: Int, hasContents: Bool) throws {
    let (content, pages, idsInPage) = (hasContents ? Self.content : nil, 12, 1_000)
    var old = try SpillFiles(directory.path, .old, partitions: partitions)
    var new = try SpillFiles(directory.path, .new, partitions: partitions)
    var sample = SpillEstimate.Sample(items: SpillEstimate.sampleSize, ids: SpillEstimate.sampleSize, bytes: 0)
    for page in 0..<pages {
      var oldPage = SpillPage(partitions: partitions)
      var newPage = SpillPage(partitions: partitions)
      for number in 0..<idsInPage {
        let key = Self.key(page * idsInPage + number)
        let digest = Self.digester.digest(key.span)
        oldPage.add(digest, canonicalKey: ByteBuffer(key), content: content)
        newPage.add(digest, content: content)
        if page == 0 && number == SpillEstimate.sampleSize - 1 { sample.bytes = oldPage.bytes }
      }
      try old.append(&oldPage)
      try new.append(&newPage)
    }
    let taken = try directory.names("").reduce(0) { try $0 + directory.bytes($1).count }
    let estimate = SpillEstimate(
      sample, items: pages * idsInPage, partitions: partitions, records: SpillRecords(hasContents: hasContents)
    ).bytes
    #expect(Double(estimate) > 0.95 * Double(taken) && Double(estimate) < 1.1 * Double(taken), "\(estimate) for \(taken)")
  }

  @Test func `an absurd count of items needs much room, and no more than a number has`() {
    let sample = SpillEstimate.Sample(items: 1, ids: 1_000, bytes: 3_000_000)
    #expect(SpillEstimate(sample, items: .max, partitions: 128, records: Self.records).bytes == 1 << 53)
  }

  private static let content = ContentDigest(value: 42)

  @Test func `suspects come back from their file, a request's worth at a time`() throws {
    let schema = TestMapping().newSchema
    var file = try SuspectFile(directory.path, 0)
    let keys = (0..<250).map { VerifyScene.newKey($0) }
    for (number, key) in keys.enumerated() {
      var bytes = ByteBuffer()
      #expect(schema.appendCanonicalKey(of: key, to: &bytes))
      try file.append(bytes.span, ContentDigest(value: UInt64(number)))
    }
    try file.flush()
    let reader = try SpillReader(SuspectFile.path(directory.path, 0))
    let batches = try (0..<4).map { _ in try SuspectFile.next(reader, schema) }
    #expect(batches.map(\.count) == [100, 100, 50, 0])
    #expect(batches.flatMap { $0 } == keys.enumerated().map { Suspect(newKey: $0.element, seen: ContentDigest(value: UInt64($0.offset))) })
  }
}
