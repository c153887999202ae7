import DualTableScan
import DynamoDBClient
import Testing

@testable import DualTableVerify

@Suite struct DigestTableTests {
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `the table is a set with marks`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var table = DigestTable(expected: generator.below(3_000))
    var model: [IDDigest: Bool] = [:]
    // Few values, so that every way is taken often; words that share their lower bits, so that places collide.
    for step in 0..<5_000 {
      let digest = IDDigest(low: UInt64(generator.below(40)) << 32, high: UInt64(generator.below(40)) << 33 | 1)
      if generator.below(3) == 0 {
        let found = table.mark(digest)
        let expected = model[digest].map { $0 ? DigestTable.Finding.again : .first(.tombstone) } ?? .absent
        if found != expected { Issue.record("seed \(seed), step \(step)") }
        if model[digest] != nil { model[digest] = true }
      } else {
        let marked = generator.below(4) == 0
        let isNew = table.insert(digest, marked: marked)
        if isNew != (model[digest] == nil) { Issue.record("seed \(seed), step \(step)") }
        model[digest] = model[digest] ?? marked
      }
    }
    #expect(table.count == model.count, "seed \(seed)")
    #expect(table.unmarked == model.values.count { !$0 })
  }

  @Test func `it grows`() {
    var table = DigestTable(expected: 0)
    var (inserted, marked) = (0, 0)
    for low in 0..<50_000 as Range<UInt64> {
      if table.insert(IDDigest(low: low, high: low &* 0x9E37_79B9_7F4A_7C15)) { inserted += 1 }
    }
    for low in 0...50_000 as ClosedRange<UInt64> {
      if table.mark(IDDigest(low: low, high: low &* 0x9E37_79B9_7F4A_7C15)) != .absent { marked += 1 }
    }
    #expect(inserted == 50_000 && marked == 50_000)
    #expect(table.count == 50_000 && table.unmarked == 0)
  }

  @Test func `contents stay with their digests while it grows`() {
    var table = DigestTable(expected: 0, hasContents: true)
    for low in 1...5_000 as ClosedRange<UInt64> {
      _ = table.insert(IDDigest(low: low, high: low << 8), content: ContentDigest(value: low * 3))
    }
    var wrong = 0
    for low in 1...5_000 as ClosedRange<UInt64>
    where table.mark(IDDigest(low: low, high: low << 8)) != .first(ContentDigest(value: low * 3)) { wrong += 1 }
    #expect(wrong == 0)
  }

  @Test func `no digest looks like an empty place`() {
    var table = DigestTable(expected: 4)
    for digest in [IDDigest(low: 0, high: 0), IDDigest(low: 0, high: 1)] {
      #expect(digest.low != 0 || digest.high != 0)
      _ = table.insert(digest)
    }
    #expect(table.count == 1)
  }

  @Test func `digests come back from bytes, and depend on the seed`() {
    let digester = IDDigester(seed: 1)
    let digest = digester.digest([1, 2, 3].span)
    #expect(digest == digester.digest([1, 2, 3].span))
    #expect(digest != digester.digest([1, 2, 4].span))
    #expect(digest != IDDigester(seed: 2).digest([1, 2, 3].span))
  }

  @Test func `partitions and parts are even and independent`() {
    let digester = IDDigester(seed: 3)
    var hits = Array(repeating: 0, count: 12)
    for number in 0..<12_000 {
      let digest = digester.digest(Array("\(number)".utf8).span)
      hits[digest.partition(of: 3) * 4 + digest.part(of: 4)] += 1
    }
    #expect(hits.allSatisfy { abs($0 - 1_000) < 200 }, "\(hits)")
  }
}
