internal import DynamoDBClient

/// What one worker knows of all segments of a shared pass, and which of them it takes next: a pure value.
///
/// What it knows of others' segments may be old. That costs a refused claim and nothing else: the claim's condition decides.
struct LeaseBoard: Sendable {
  let plan: SegmentPlan
  let worker: String
  /// What is known of each segment; nil: nothing, so that it's worth a try.
  private var leases: [SegmentLease?]
  /// The look at which each was seen last.
  private var seenAt: [Int]
  /// Counts the looks at the table.
  private(set) var look = 0
  /// Segments that somebody has written and that aren't done.
  private var begun: Set<Int> = []
  /// Segments that a task of this worker holds or is about to claim.
  private var taken: Set<Int> = []
  private(set) var totals = PassCounts()
  private(set) var doneTotals = PassCounts()
  private(set) var doneCount = 0
  private var reasonCounts: [String: Int] = [:]
  /// Where in the order the next segment that nobody is known to have is looked for.
  private var cursor: Int
  private var random: SeededGenerator
  /// Claims that were refused since all segments were looked at: what is known of others is old.
  private(set) var refusals = 0
  /// Where the next look at unfinished segments goes on.
  private var lookCursor = 0

  /// - Parameter seed: of where in the plan's order this worker begins; each should have another one, or all try for the same.
  init(plan: SegmentPlan, worker: String, seed: UInt64) {
    let segments = plan.count
    self.plan = plan
    random = SeededGenerator(seed: seed)
    cursor = random.below(segments)
    self.worker = worker
    leases = Array(repeating: nil, count: segments)
    seenAt = Array(repeating: 0, count: segments)
  }

  /// A refused claim costs a write unit and a read; a look at a thousand segments, some twenty write units' worth of reads.
  private static let mostRefusals = 8

  var isComplete: Bool { doneCount == plan.count }
  /// Segments that tasks of this worker hold or are about to.
  var held: [Int] { taken.sorted() }
  var reasons: [String: Int] { reasonCounts.filter { $0.value > 0 } }
  /// Items so far of the largest segment that this worker has open.
  var largestOpen: Int { taken.reduce(0) { max($0, leases[$1]?.counts[.scanned] ?? 0) } }

  func lease(_ segment: Int) -> SegmentLease { leases[segment] ?? SegmentLease(segment: segment) }

  /// Begins another look at the table: what is seen from now on is newer than what was seen before.
  mutating func beginLook() { look += 1 }

  /// Takes note of a segment as it was read or written just now; an older revision than is known already tells nothing.
  mutating func saw(_ lease: SegmentLease) {
    let segment = lease.segment
    let before = self.lease(segment)
    guard lease.revision >= before.revision else { return }
    seenAt[segment] = look
    leases[segment] = lease
    if lease.isDone { begun.remove(segment) } else if lease.revision > 0 { begun.insert(segment) }
    totals += lease.counts
    totals -= before.counts
    for (reason, count) in lease.reasons { reasonCounts[reason, default: 0] += count }
    for (reason, count) in before.reasons { reasonCounts[reason, default: 0] -= count }
    if lease.isDone && !before.isDone {
      doneCount += 1
      doneTotals += lease.counts
    }
  }

  /// Takes a segment that seems to be free and lies far from all that are open: one that was begun, if there is any, else one of the next in
  /// this worker's order.
  ///
  /// - Parameters:
  ///   - workers: how many there are, each of which chooses from so much fewer that they seldom want the same one.
  ///   - isGone: whether a worker neither beats nor has left its item behind as of the look of that number.
  mutating func take(workers: Int, _ isGone: (_ worker: String, _ look: Int) -> Bool) -> SegmentLease? {
    let choice = max(8, SegmentPlan.choice / max(1, workers))
    var (free, open) = ([Int](), taken.sorted())
    for segment in begun.sorted() where !taken.contains(segment) {
      if isFree(segment, isGone) { free.append(segment) } else { open.append(segment) }
    }
    let first = free.isEmpty ? 0 : random.below(free.count)
    var segment = plan.farthest(of: (free[first...] + free[..<first]).prefix(choice), from: open)
    if segment == nil {
      let begin = cursor
      repeat {
        if isWaiting(Int(plan.order[cursor])) { break }
        cursor = (cursor + 1) % plan.count
      } while cursor != begin
      segment = farthest(choice, from: open)
    }
    guard let segment else { return nil }
    taken.insert(segment)
    return lease(segment)
  }

  /// Of the next waiting segments the one farthest from the nearest open one.
  private func farthest(_ choice: Int, from open: [Int]) -> Int? {
    let waiting = (0..<plan.count).lazy.map { Int(plan.order[(cursor + $0) % plan.count]) }.filter { isWaiting($0) }
    return plan.farthest(of: waiting.prefix(choice), from: open)
  }

  /// Gives a segment back, or one that was not got.
  mutating func leave(_ segment: Int) { taken.remove(segment) }

  /// Goes on elsewhere, since a claim was refused: somebody was here before, and has probably taken what follows, too.
  ///
  /// - Returns: true where looking at all segments costs less by now than trying on; it counts as done.
  mutating func refused() -> Bool {
    cursor = random.below(plan.count)
    refusals += 1
    guard refusals >= Self.mostRefusals else { return false }
    listed()
    return true
  }

  /// All segments are being looked at.
  mutating func listed() { refusals = 0 }

  /// Up to `count` segments that aren't known to be done and that others have, in turn: whoever has nothing to do looks at them.
  mutating func unfinished(atMost count: Int) -> [Int] {
    var found: [Int] = []
    for _ in 0..<plan.count where found.count < count {
      let segment = Int(plan.order[lookCursor])
      lookCursor = (lookCursor + 1) % plan.count
      if !taken.contains(segment), !(leases[segment]?.isDone ?? false) { found.append(segment) }
    }
    return found
  }

  /// Whether nobody is known to have written the segment, and no task is about to.
  private func isWaiting(_ segment: Int) -> Bool { leases[segment] == nil && !taken.contains(segment) }

  /// Whether somebody wrote the segment, it isn't done, and nobody holds it.
  private func isFree(_ segment: Int, _ isGone: (String, Int) -> Bool) -> Bool {
    guard let lease = leases[segment], !lease.isDone else { return false }
    guard let owner = lease.owner else { return true }
    // Its own name without a hold: the claim's answer was lost, or the hold was given up.
    return owner == worker || isGone(owner, seenAt[segment])
  }
}
