import DynamoDBClient
import Testing

@testable import DualTableScan

@Suite struct BudgetSharesTests {
  @Test("A newcomer gets nothing before the others have made room, and what one leaves behind is taken over")
  func turns() {
    var book = BudgetShares().settled(by: "a", living: ["a"])
    #expect(book.parts(of: "a") == BudgetShares.whole)
    // Nobody has seen b yet but b itself.
    #expect(book.settled(by: "b", living: ["a", "b"]) == book)
    book = book.settled(by: "a", living: ["a", "b"])
    #expect(book.parts(of: "a") == BudgetShares.whole / 2 && book.sum == BudgetShares.whole / 2)
    book = book.settled(by: "b", living: ["a", "b"])
    #expect(book.parts(of: "b") == BudgetShares.whole / 2 && book.isSettled(living: ["a", "b"]))
    // a is dead.
    book = book.settled(by: "b", living: ["b"])
    #expect(book.parts(of: "a") == 0 && book.parts(of: "b") == BudgetShares.whole && book.isSettled(living: ["b"]))
    #expect(book.without("b").entries.isEmpty)
  }

  @Test("Whoever joins, leaves or dies, in whatever order, all together never have more than there is", arguments: 0..<200 as Range<UInt64>)
  func neverMore(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var book = BudgetShares()
    var living: [String] = []
    for step in 0..<200 {
      switch random.below(8) {
      case 0: living.append("w\(step)")
      case 1 where !living.isEmpty: living.remove(at: random.below(living.count))
      case 2 where !living.isEmpty: book = book.without(living.remove(at: random.below(living.count)))
      default:
        guard !living.isEmpty else { continue }
        // What it knows of the others may be old.
        var known = living.filter { _ in random.below(4) > 0 }
        let own = living[random.below(living.count)]
        if !known.contains(own) { known.append(own) }
        book = book.settled(by: own, living: known)
      }
      #expect(book.sum <= BudgetShares.whole, "seed \(seed)")
    }
    // Twice around: first those with too much, then those with too little.
    for worker in living + living { book = book.settled(by: worker, living: living) }
    #expect(living.isEmpty || book.isSettled(living: living), "seed \(seed)")
  }
}

@Suite struct WorkerWatchTests {
  private static func beats(_ nonces: [String: Int]) -> [WorkerWatch.Beat] {
    nonces.sorted { $0.key < $1.key }.map { WorkerWatch.Beat(name: $0.key, nonce: $0.value) }
  }

  @Test("A worker is silent once its nonce stood still for a lease by the observer's own time")
  func silence() {
    var watch = WorkerWatch()
    for second in 0..<60 {
      watch.see(Self.beats(["a": second / 5, "b": 3]), at: .seconds(1_000 + second))
      #expect(watch.living == (second < 20 ? ["a", "b"] : ["a"]), "\(second)")
    }
    #expect(watch.silent == [WorkerWatch.Beat(name: "b", nonce: 3)])
    #expect(watch.isSilent("b") && watch.isListed("b") && !watch.isSilent("a") && !watch.isListed("c"))
    watch.see(Self.beats(["a": 12, "b": 4]), at: .seconds(1_060))
    #expect(watch.living == ["a", "b"])
  }

  @Test("An observer that was suspended for an hour takes nobody for dead")
  func suspended() {
    var watch = WorkerWatch()
    watch.see(Self.beats(["a": 1]), at: .seconds(10))
    watch.see(Self.beats(["a": 1]), at: .seconds(3_610))
    #expect(watch.living == ["a"])
  }
}
