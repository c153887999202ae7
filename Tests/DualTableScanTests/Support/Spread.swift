import DynamoDBClient

/// How evenly the segments that are open at any moment lie over the new table's partitions, whichever of them end first.
struct Spread {
  let partitions: Int
  let segments: Int
  /// Segments that each worker has open.
  let open: Int
  var workers = 1

  /// The share of partitions that no open segment writes, over all moments up to the last tenth, in which nothing is left to choose from.
  ///
  /// - Parameters:
  ///   - next: hands a worker a segment; nil where it gets none now.
  ///   - end: a worker's segment is done.
  func unused(seed: UInt64, next: (_ worker: Int) -> Int?, end: (_ worker: Int, _ segment: Int) -> Void) -> Double {
    var random = SeededGenerator(seed: seed)
    var held: [[Int]] = Array(repeating: [], count: workers)
    var (done, moments, unused) = (0, 0, 0)
    while true {
      for worker in 0..<workers {
        while held[worker].count < open, let segment = next(worker) { held[worker].append(segment) }
      }
      if done > segments * 9 / 10 { return Double(unused) / Double(moments) }
      moments += partitions
      unused += partitions - Set(held.joined().map { $0 * partitions / segments }).count
      let worker = random.below(workers)
      guard !held[worker].isEmpty else { continue }
      end(worker, held[worker].remove(at: random.below(held[worker].count)))
      done += 1
    }
  }
}
