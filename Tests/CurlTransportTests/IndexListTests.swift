import Testing

@testable import CurlTransport

@Suite struct IndexListTests {
  /// Random operations on two lists do what the same do on two arrays.
  @Test(arguments: 1...20 as ClosedRange<UInt64>) func behavesLikeArrays(seed: UInt64) {
    var random = SplitMix(seed: seed)
    var links = IndexLinks()
    links.grow(to: 12)
    var lists = [IndexList(), IndexList()]
    var models: [[Int]] = [[], []]
    for _ in 0..<500 {
      let (index, side) = (Int(random.next() % 12), Int(random.next() % 2))
      if let holder = models.firstIndex(where: { $0.contains(index) }) {
        #expect(links.contains(index))
        links.remove(index, from: &lists[holder])
        models[holder].removeAll { $0 == index }
      } else if random.next() % 2 == 0 {
        links.append(index, to: &lists[side])
        models[side].append(index)
      } else {
        links.prepend(index, to: &lists[side])
        models[side].insert(index, at: 0)
      }
      for (list, model) in zip(lists, models) {
        #expect(list.first == model.first && list.last == model.last && list.count == model.count, "seed \(seed)")
      }
    }
    for side in 0...1 {
      while let first = lists[side].first {
        #expect(models[side].removeFirst() == first, "seed \(seed)")
        links.remove(first, from: &lists[side])
      }
      #expect(models[side].isEmpty, "seed \(seed)")
    }
  }
}
