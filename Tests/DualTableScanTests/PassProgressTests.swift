import DynamoDBClient
import Synchronization
import Testing

@testable import DualTableScan

@Suite struct PassProgressTests {
  static func counts(_ scanned: Int) -> PassCounts {
    var counts = PassCounts()
    counts[.scanned] = scanned
    counts[.pages] = 1
    return counts
  }

  /// What `next` gives; the macro can't call what mutates.
  static func take(_ progress: inout PassProgress) throws -> SegmentPage {
    let page = progress.next()
    return try #require(page)
  }

  @Test func `each segment comes once, the first as planned and the others far from those that are open`() {
    let plan = SegmentPlan(count: 9, seed: 3)
    var progress = PassProgress(plan: plan)
    var taken: [Int] = []
    while let page = progress.next() {
      #expect(page.exclusiveStartKey == nil && page.totalSegments == 9)
      let distances = (0..<9).filter { !taken.contains($0) }.map { segment in taken.map { abs($0 - segment) }.min() ?? 0 }
      #expect(taken.isEmpty ? page.segment == plan.order[0] : taken.map { abs($0 - page.segment) }.min() == distances.max())
      taken.append(page.segment)
    }
    #expect(taken.sorted() == Array(0..<9))
    #expect(progress.heldCount == 9 && !progress.isComplete)
  }

  @Test(
    "Whichever segments end first, those open at any moment spread over the new table's partitions", arguments: [(4, 400), (12, 1_200)])
  func spread(partitions: Int, segments: Int) throws {
    for seed in 0..<2 as Range<UInt64> {
      let progress = Mutex(PassProgress(plan: SegmentPlan(count: segments, seed: seed)))
      let unused = Spread(partitions: partitions, segments: segments, open: 16).unused(seed: seed) { _ in
        progress.withLock { $0.next()?.segment }
      } end: { _, segment in
        _ = progress.withLock { $0.completed(segment, lastEvaluatedKey: nil, counts: PassCounts()) }
      }
      // At random it would be a hundredth with four partitions, a quarter with twelve.
      #expect(unused <= (partitions > 4 ? 0.05 : 0), "seed \(seed): \(unused)")
    }
  }

  @Test func `only a missing LastEvaluatedKey ends a segment, an empty page doesn't`() throws {
    var progress = PassProgress(plan: SegmentPlan(count: 1, seed: 0))
    let first = try Self.take(&progress)
    let second = progress.completed(first.segment, lastEvaluatedKey: [1], counts: Self.counts(0))
    #expect(second?.exclusiveStartKey == [1])
    #expect(!progress.isComplete && progress.next() == nil)
    #expect(progress.completed(first.segment, lastEvaluatedKey: nil, counts: Self.counts(0)) == nil)
    #expect(progress.isComplete && progress.totals[.pages] == 2)
  }

  @Test func `released segments are handed out again before new ones, from where they stood`() throws {
    let plan = SegmentPlan(count: 5, seed: 9)
    var progress = PassProgress(plan: plan)
    let (first, second) = (try Self.take(&progress), try Self.take(&progress))
    progress.completed(second.segment, lastEvaluatedKey: [2], counts: Self.counts(10))
    progress.releaseAll()
    #expect(progress.heldCount == 0)
    #expect(progress.next() == first)
    let again = progress.next()
    #expect(again?.segment == second.segment && again?.exclusiveStartKey == [2])
    let new = progress.next()
    #expect(new?.exclusiveStartKey == nil && ![first.segment, second.segment].contains(new?.segment))
  }

  @Test func `totals and the totals of done segments differ by what is begun`() throws {
    var progress = PassProgress(plan: SegmentPlan(count: 2, seed: 0))
    let (one, two) = (try Self.take(&progress), try Self.take(&progress))
    progress.completed(one.segment, lastEvaluatedKey: [1], counts: Self.counts(5))
    progress.completed(one.segment, lastEvaluatedKey: nil, counts: Self.counts(6))
    progress.completed(two.segment, lastEvaluatedKey: [1], counts: Self.counts(100))
    #expect(progress.totals[.scanned] == 111)
    #expect(progress.doneTotals[.scanned] == 11)
    #expect(progress.doneCount == 1)
  }
}
