import DynamoDBClient
import Testing

@testable import DualTableScan

@Suite struct BudgetShareTests {
  /// Has a worker look and claim until it has nothing more to claim.
  private static func settle(_ share: inout BudgetShare, _ others: [Int]) {
    while let claim = share.see(others) { share.claimed(claim) }
  }

  @Test("A newcomer gets nothing before the others have made room, and what one leaves behind is taken over")
  func turns() {
    var (a, b) = (BudgetShare(), BudgetShare())
    Self.settle(&a, [])
    #expect(a.parts == BudgetShare.whole && a.isFair(workers: 1))
    // Nobody has seen b yet but b itself.
    Self.settle(&b, [BudgetShare.whole])
    #expect(b.parts == 0 && b.claimed == 0)
    // Less is used at once, and told then.
    let claim = a.see([0])
    #expect(a.parts == BudgetShare.whole / 2 && claim == BudgetShare.whole / 2)
    a.claimed(BudgetShare.whole / 2)
    // More is told first, and used once a later look shows that there is room.
    #expect(b.see([BudgetShare.whole / 2]) == BudgetShare.whole / 2)
    #expect(b.parts == 0)
    b.claims()
    #expect(b.see([BudgetShare.whole / 2]) == BudgetShare.whole / 2, "an answer that was lost")
    b.claimed(BudgetShare.whole / 2)
    #expect(b.see([BudgetShare.whole * 3 / 4]) == BudgetShare.whole / 4, "another one was first")
    Self.settle(&b, [BudgetShare.whole / 2])
    #expect(b.parts == BudgetShare.whole / 2 && b.isFair(workers: 2))
    // a is dead.
    Self.settle(&b, [])
    #expect(b.parts == BudgetShare.whole)
  }

  @Test(
    "Whoever joins, leaves, dies or sleeps, in whatever order, all together never use more than there is",
    arguments: 0..<200 as Range<UInt64>)
  func neverMore(seed: UInt64) {
    var scene = Scene(seed: seed)
    for _ in 0..<600 {
      scene.step()
      #expect(scene.used <= BudgetShare.whole, "seed \(seed)")
    }
    // Twice around: first those with too much, then those with too little.
    scene.calm()
    #expect(scene.workers.isEmpty || scene.workers.allSatisfy { $0.share.isFair(workers: scene.workers.count) }, "seed \(seed)")
  }

  /// Workers whose looks and writes take a while, and the table in which each has an item.
  private struct Scene {
    enum Doing {
      case nothing
      case looking([Int])
      case writing(Int)
    }

    struct Worker {
      let name: Int
      var share = BudgetShare()
      var doing = Doing.nothing
      /// Sleeps for longer than its claim is good for.
      var isSilent = false
    }

    var workers: [Worker] = []
    var items: [Int: Int] = [:]
    private var count = 0
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    var used: Int { workers.reduce(0) { $0 + ($1.isSilent ? 0 : $1.share.parts) } }

    mutating func step() {
      if workers.isEmpty || random.below(12) == 0 {
        if workers.count < 9 { join() }
        return
      }
      let index = random.below(workers.count)
      switch random.below(30) {
      case 0: remove(index)
      case 1: workers[index].isSilent = true
      default: go(index)
      }
    }

    mutating func calm() {
      for index in workers.indices.reversed() where workers[index].isSilent { remove(index) }
      for _ in 0..<12 { for index in workers.indices { go(index, isCalm: true) } }
    }

    private mutating func join() {
      count += 1
      workers.append(Worker(name: count))
      items[count] = 0
    }

    private mutating func remove(_ index: Int) { items[workers.remove(at: index).name] = nil }

    private mutating func go(_ index: Int, isCalm: Bool = false) {
      var worker = workers[index]
      if worker.isSilent {
        // Others find out, or it wakes up and begins anew.
        items[worker.name] = nil
        if random.below(2) == 0 { return }
        worker = Worker(name: worker.name)
        items[worker.name] = 0
      } else {
        switch worker.doing {
        case .nothing: worker.doing = .looking(items.filter { $0.key != worker.name }.sorted { $0.key < $1.key }.map(\.value))
        case .looking(let others):
          worker.doing = .nothing
          if let claim = worker.share.see(others) {
            worker.share.claims()
            worker.doing = .writing(claim)
          }
        case .writing(let claim):
          worker.doing = .nothing
          let fate = isCalm ? 0 : random.below(6)
          // Lost on its way there, or on its way back.
          if fate != 1 { items[worker.name] = claim }
          if fate > 1 || isCalm { worker.share.claimed(claim) }
        }
      }
      workers[index] = worker
    }
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
      #expect(watch.living.map(\.name) == (second < 20 ? ["a", "b"] : ["a"]), "\(second)")
    }
    #expect(watch.silent == [WorkerWatch.Beat(name: "b", nonce: 3)])
    #expect(watch.isSilent("b") && watch.isListed("b") && !watch.isSilent("a") && !watch.isListed("c"))
    watch.see(Self.beats(["a": 12, "b": 4]), at: .seconds(1_060))
    #expect(watch.living.map(\.name) == ["a", "b"])
  }

  @Test("An observer that was suspended for an hour takes nobody for dead")
  func suspended() {
    var watch = WorkerWatch()
    watch.see(Self.beats(["a": 1]), at: .seconds(10))
    watch.see(Self.beats(["a": 1]), at: .seconds(3_610))
    #expect(watch.living.map(\.name) == ["a"])
  }
}
