/// Where a scan request starts: what a worker needs to fetch one page.
package struct SegmentPage: Sendable, Hashable {
  /// 0..<totalSegments.
  package let segment: Int
  package let totalSegments: Int
  /// The `LastEvaluatedKey` of the page before, the wire's JSON unchanged; nil at the segment's start.
  package let exclusiveStartKey: [UInt8]?

  /// The page of the same segment behind this key; nil: its first.
  package func page(after key: [UInt8]?) -> SegmentPage {
    SegmentPage(segment: segment, totalSegments: totalSegments, exclusiveStartKey: key)
  }
}

/// Which segments of a pass wait, are begun or are done, and what was counted: a pure value.
///
/// A segment ends where a page has no `LastEvaluatedKey`, never at an empty page.
package struct PassProgress: Sendable, Equatable {
  /// A segment of which at least one page is done, or that a worker holds.
  struct Begun: Sendable, Equatable {
    var key: [UInt8]?
    var counts = PassCounts()
    var isHeld: Bool
  }

  package let plan: SegmentPlan
  /// Summed over all pages that ended, in this process and in those before it.
  package private(set) var totals: PassCounts
  /// Summed over the segments that are done; what an estimate of the rest goes by.
  package private(set) var doneTotals: PassCounts
  /// How many segments are done.
  package private(set) var doneCount: Int

  private var done: [Bool]
  private var begun: [Int: Begun]
  /// Begun segments that nobody holds, next one last.
  private var resumable: [Int]
  /// Everything in `plan.order` before this index was begun.
  private var cursor = 0

  /// A pass of which nothing is done.
  package init(plan: SegmentPlan) {
    self.init(plan: plan, totals: PassCounts(), doneTotals: PassCounts(), done: [], begun: [:])
  }

  init(plan: SegmentPlan, totals: PassCounts, doneTotals: PassCounts, done doneSegments: [Int], begun: [Int: Begun]) {
    self.plan = plan
    self.totals = totals
    self.doneTotals = doneTotals
    self.begun = begun
    done = Array(repeating: false, count: plan.count)
    for segment in doneSegments { done[segment] = true }
    doneCount = doneSegments.count
    resumable = []
    releaseAll()
  }

  /// True once every segment is done.
  package var isComplete: Bool { doneCount == plan.count }
  func isDone(_ segment: Int) -> Bool { done[segment] }
  /// How many segments workers hold.
  package var heldCount: Int { begun.values.reduce(0) { $0 + ($1.isHeld ? 1 : 0) } }

  /// Items so far of the largest segment that isn't done.
  var largestOpen: Int { begun.values.reduce(0) { max($0, $1.counts[.scanned]) } }

  /// Hands a free worker its next segment: one that was begun earlier if there is any, else one far from all that are open.
  ///
  /// - Returns: nil if every segment is done or held.
  package mutating func next() -> SegmentPage? {
    if let segment = resumable.popLast() {
      begun[segment]?.isHeld = true
      return page(segment)
    }
    while cursor < plan.count, !isWaiting(Int(plan.order[cursor])) { cursor += 1 }
    guard let segment = farthest() else { return nil }
    begun[segment] = Begun(key: nil, isHeld: true)
    return page(segment)
  }

  private func farthest() -> Int? {
    let waiting = plan.order[cursor...].lazy.map { Int($0) }.filter { isWaiting($0) }
    return plan.farthest(of: waiting.prefix(SegmentPlan.choice), from: begun.filter(\.value.isHeld).keys.sorted())
  }

  private func isWaiting(_ segment: Int) -> Bool { !done[segment] && begun[segment] == nil }

  /// Notes that a page ended with everything before it.
  ///
  /// - Parameters:
  ///   - key: the page's `LastEvaluatedKey`; nil ends the segment.
  ///   - counts: this page's own.
  /// - Returns: the segment's next page, nil where it ended.
  @discardableResult
  package mutating func completed(_ segment: Int, lastEvaluatedKey key: [UInt8]?, counts: PassCounts) -> SegmentPage? {
    precondition(segment >= 0 && segment < plan.count && !done[segment], "a page of a segment that is done")
    totals += counts
    var state = begun[segment] ?? Begun(key: nil, isHeld: false)
    state.counts += counts
    guard let key else {
      begun[segment] = nil
      done[segment] = true
      doneCount += 1
      doneTotals += state.counts
      return nil
    }
    state.key = key
    begun[segment] = state
    return page(segment)
  }

  /// Takes a segment from its worker.
  mutating func release(_ segment: Int) {
    guard begun[segment] != nil else { return }
    begun[segment]?.isHeld = false
    resumable.append(segment)
  }

  /// Takes every segment from its worker, so that all that were begun are handed out again, in the plan's order.
  package mutating func releaseAll() {
    resumable = []
    for segment in plan.order.reversed().lazy.map({ Int($0) }) where begun[segment] != nil {
      begun[segment]?.isHeld = false
      resumable.append(segment)
    }
  }

  /// The segments that are begun and not done, with what a checkpoint holds of each, in ascending order.
  var begunSegments: [(segment: Int, state: Begun)] {
    begun.keys.sorted().map { ($0, begun[$0]!) }
  }

  /// The segments that are done, as ranges in ascending order.
  var doneRanges: [ClosedRange<Int>] {
    var ranges: [ClosedRange<Int>] = []
    var start: Int?
    for segment in 0...plan.count {
      let isDone = segment < plan.count && done[segment]
      if isDone && start == nil { start = segment }
      if !isDone, let from = start {
        ranges.append(from...(segment - 1))
        start = nil
      }
    }
    return ranges
  }

  private func page(_ segment: Int) -> SegmentPage {
    SegmentPage(segment: segment, totalSegments: plan.count, exclusiveStartKey: begun[segment]?.key)
  }
}
