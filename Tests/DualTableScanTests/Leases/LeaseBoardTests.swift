import DynamoDBModel
import MigrationControl
import Synchronization
import Testing

@testable import DualTableScan

@Suite struct LeaseBoardTests {
  private static func lease(_ segment: Int, _ revision: Int, owner: String?, scanned: Int = 0, isDone: Bool = false) -> SegmentLease {
    var lease = SegmentLease(segment: segment)
    lease.revision = revision
    lease.owner = owner
    lease.isDone = isDone
    lease.counts[.scanned] = scanned
    return lease
  }

  @Test("It takes what was begun and is free, then what nobody has, and never what is held, done or taken")
  func takes() {
    var board = LeaseBoard(plan: SegmentPlan(count: 5, seed: 1), worker: "me", seed: 1)
    board.saw(Self.lease(0, 2, owner: "you", scanned: 5))
    board.saw(Self.lease(1, 4, owner: nil, scanned: 7))
    board.saw(Self.lease(2, 9, owner: nil, scanned: 9, isDone: true))
    var taken: [Int] = []
    while let lease = board.take(workers: 1, { _, _ in false }) { taken.append(lease.segment) }
    #expect(taken.first == 1 && Set(taken) == [1, 3, 4] && board.held == [1, 3, 4])
    #expect(board.totals[.scanned] == 21 && board.doneTotals[.scanned] == 9 && board.doneCount == 1)
    // Its owner is gone.
    #expect(board.take(workers: 1) { worker, _ in worker == "you" }?.segment == 0)
    board.leave(3)
    board.saw(Self.lease(3, 1, owner: "you"))
    #expect(board.take(workers: 1) { _, _ in false } == nil)
    #expect(board.unfinished(atMost: 10) == [3])
  }

  @Test(
    "Whichever segments end first, those open at any moment spread over the partitions, and few claims are refused",
    arguments: [(1, 12, 600, 0.05, 0.0), (2, 24, 600, 0.12, 0.3), (8, 64, 1_200, 0.12, 0.6)])
  func spread(workers: Int, partitions: Int, segments: Int, mostUnused: Double, mostRefused: Double) {
    let scene = Mutex(Scene(workers: workers, segments: segments))
    let unused = Spread(partitions: partitions, segments: segments, open: 16, workers: workers).unused(seed: 1) { worker in
      scene.withLock { $0.claim(worker) }
    } end: { worker, segment in
      scene.withLock { $0.end(worker, segment) }
    }
    let refused = scene.withLock { Double($0.refused) / Double($0.claims) }
    #expect(unused <= mostUnused && refused <= mostRefused, "\(unused) \(refused)")
  }

  /// Workers' boards over one table, which each of them looks at now and then.
  private struct Scene {
    var boards: [LeaseBoard]
    var table: [SegmentLease]
    var (claims, refused) = (0, 0)

    init(workers: Int, segments: Int) {
      let plan = SegmentPlan(count: segments, seed: 1)
      boards = (0..<workers).map { LeaseBoard(plan: plan, worker: "\($0)", seed: UInt64($0)) }
      table = (0..<segments).map { SegmentLease(segment: $0) }
    }

    mutating func claim(_ worker: Int) -> Int? {
      while let free = boards[worker].take(workers: boards.count, { _, _ in false }) {
        claims += 1
        let lease = free.claimed(by: "\(worker)")
        if table[free.segment].revision == free.revision {
          table[free.segment] = lease
          boards[worker].saw(lease)
          return free.segment
        }
        refused += 1
        boards[worker].leave(free.segment)
        boards[worker].saw(table[free.segment])
        if boards[worker].refused() { list(worker) }
      }
      return nil
    }

    mutating func end(_ worker: Int, _ segment: Int) {
      table[segment] = table[segment].advanced(by: SegmentGain(end: .init()), keepsHold: false)
      boards[worker].saw(table[segment])
      boards[worker].leave(segment)
    }

    private mutating func list(_ worker: Int) { for lease in table where lease.revision > 0 { boards[worker].saw(lease) } }
  }

  @Test("What is older than what is known changes nothing, and sums follow what is newer")
  func sums() {
    var board = LeaseBoard(plan: SegmentPlan(count: 2, seed: 1), worker: "me", seed: 1)
    board.saw(Self.lease(0, 3, owner: "you", scanned: 10))
    board.saw(Self.lease(0, 2, owner: "me", scanned: 4))
    #expect(board.lease(0).owner == "you" && board.totals[.scanned] == 10)
    board.saw(Self.lease(0, 5, owner: nil, scanned: 12, isDone: true))
    board.saw(Self.lease(1, 1, owner: nil, isDone: true))
    #expect(board.totals[.scanned] == 12 && board.isComplete)
  }

  @Test("A lease comes back from its item as it was")
  func items() throws {
    var lease = Self.lease(3, 8, owner: "me", scanned: 5)
    lease.key = Array(#"{"id":{"S":"a\u0000é"}}"#.utf8)
    lease.worker = "me"
    lease.reasons = ["invalidValue": 2, "refused": 1]
    #expect(try SegmentLease(item: lease.attributes, segments: 4) == lease)
    #expect(throws: MigrationControlError.self) { try SegmentLease(item: lease.attributes, segments: 3) }
    let plain = SegmentLease(segment: 0)
    #expect(try SegmentLease(item: plain.attributes, segments: 1) == plain)
  }

  @Test("A pass comes back from its item as it was, and one of another format is refused")
  func passes() throws {
    var pass = SharedPass(
      run: "r", manifest: StorePlace.manifest, settings: .init(readBudget: .percent(80), writeBudget: .units(12.5)), started: 17)
    #expect(try SharedPass(item: pass.attributes) == pass)
    pass.settings.openSegments = 4
    pass.settings.isPaused = true
    pass.finished = 99
    pass.changes = [PassChange(milliseconds: 3, what: "paused")]
    #expect(try SharedPass(item: pass.attributes) == pass)
    var item = pass.attributes
    item["format"] = 1
    let error = #expect(throws: MigrationControlError.self) { try SharedPass(item: item) }
    #expect(error?.message.contains("format 1 and this dualtable knows format 2") == true)
  }
}

@Suite struct LetterPartsTests {
  @Test("Parts are whole lines of bounded size, and nothing is lost")
  func parts() {
    let lines = (0..<5_000).map {
      "{\"key\":{\"id\":{\"S\":\"\($0)\"}},\"reason\":\"invalidValue\",\"message\":\"\(String(repeating: "x", count: 300))\"}\n"
    }
    let parts = LetterParts.parts(of: Array(lines.joined().utf8))
    #expect(parts.count > 4 && parts.allSatisfy { $0.count <= LetterParts.partSize && $0.last == 0x0A })
    #expect(parts.joined().elementsEqual(lines.joined().utf8))
    #expect(LetterParts.parts(of: []).isEmpty)
  }

  @Test("An item that is too large for a part stays out, and its key and reason stay in")
  func large() {
    let line = #"{"key":{"item":{"S":"1"}},"reason":"refused","item":{"big":{"S":""# + String(repeating: "y", count: 390_000) + "\"}}}\n"
    let parts = LetterParts.parts(of: Array((line + "{\"key\":{}}\n").utf8))
    #expect(parts.map { String(decoding: $0, as: UTF8.self) } == [#"{"key":{"item":{"S":"1"}},"reason":"refused"}"# + "\n{\"key\":{}}\n"])
  }

  @Test("What a transaction can't hold goes without its causes: keys and reason are always there")
  func causes() {
    let line = #"{"key":{"id":{"S":"1"}},"reason":"invalidValue","rule":"r","message":""# + String(repeating: "m", count: 2_000)
    let lines = Array(repeating: line + #"","newKey":{"id":{"S":"n"}}}"# + "\n", count: PageSizing.mostItems)
    let parts = LetterParts.parts(of: Array(lines.joined().utf8))
    let kept = #"{"key":{"id":{"S":"1"}},"reason":"invalidValue","newKey":{"id":{"S":"n"}}}"# + "\n"
    #expect(String(decoding: parts.joined(), as: UTF8.self) == String(repeating: kept, count: PageSizing.mostItems))
  }
}
