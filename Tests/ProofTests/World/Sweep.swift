import Dispatch
import Foundation
import Synchronization

/// One run, as its seed makes it.
protocol Scene: Sendable {
  var isTraced: Bool { get set }
  /// Plays it to the end, and says what was wrong.
  func run() throws -> Findings
}

/// Many seeds of one kind of run, on all cores.
///
/// `DUALTABLE_SEEDS=N` asks for N of each kind instead of as many as the tests have time for, `DUALTABLE_SEED=s` for s alone.
struct Sweep {
  private(set) var ran = 0
  /// The first seed, of those that were run, whose run was wrong, and what was.
  private(set) var failure: (seed: UInt64, report: String)?

  /// The seeds that a test runs.
  static func seeds(_ usual: Int) -> ClosedRange<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["DUALTABLE_SEED"].flatMap(UInt64.init) { return seed...seed }
    return 1...UInt64(max(1, environment["DUALTABLE_SEEDS"].flatMap(Int.init) ?? usual))
  }

  /// Runs seeds until one of them is wrong; that one is run again, with all its requests traced.
  init(_ seeds: ClosedRange<UInt64>, _ scene: @escaping @Sendable (UInt64) -> any Scene) {
    let next = Atomic(seeds.lowerBound)
    let wrong = Mutex<UInt64?>(nil)
    let ran = Atomic(0)
    let workers = min(ProcessInfo.processInfo.activeProcessorCount, seeds.count)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let seed = next.add(1, ordering: .relaxed).oldValue
        guard seed <= seeds.upperBound, seed < wrong.withLock({ $0 }) ?? .max else { return }
        let isRight = (try? scene(seed).run().isEmpty) ?? false
        ran.add(1, ordering: .relaxed)
        if !isRight { wrong.withLock { $0 = min($0 ?? seed, seed) } }
      }
    }
    self.ran = ran.load(ordering: .relaxed)
    guard let seed = wrong.withLock({ $0 }) else { return }
    var again = scene(seed)
    again.isTraced = true
    do {
      failure = (seed, try again.run().report)
    } catch {
      failure = (seed, "\(error)")
    }
  }
}
