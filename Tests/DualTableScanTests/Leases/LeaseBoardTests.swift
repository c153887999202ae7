import DynamoDBModel
import MigrationControl
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
    while let lease = board.take({ _, _ in false }) { taken.append(lease.segment) }
    #expect(taken.first == 1 && Set(taken) == [1, 3, 4] && board.held == [1, 3, 4])
    #expect(board.totals[.scanned] == 21 && board.doneTotals[.scanned] == 9 && board.doneCount == 1)
    // Its owner is gone.
    #expect(board.take { worker, _ in worker == "you" }?.segment == 0)
    board.leave(3)
    board.saw(Self.lease(3, 1, owner: "you"))
    #expect(board.take { _, _ in false } == nil)
    #expect(board.unfinished(atMost: 10) == [3])
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
    pass.shares = BudgetShares([.init(worker: "a", parts: 5), .init(worker: "b", parts: 7)])
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
