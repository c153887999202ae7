import DynamoDBClient
import Testing

@testable import DynamoDBSimulator

@Suite("An ordered tree")
struct OrderedTreeTests {
  private static func place(_ number: Int) -> Place {
    Place(hash: UInt64(number / 7), key: [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)])
  }

  /// Random inserts, changes and deletes against a sorted array.
  @Test(arguments: [UInt64(1), 2, 3, 4]) func agreesWithASortedArray(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var tree = OrderedTree<Int>()
    var oracle: [(place: Place, value: Int)] = []
    let range = seed % 2 == 0 ? 400 : 20_000
    for step in 0..<6_000 {
      let place = Self.place(generator.below(range))
      let index = oracle.firstIndex { $0.place >= place } ?? oracle.count
      let isThere = index < oracle.count && oracle[index].place == place
      #expect(tree[place] == (isThere ? oracle[index].value : nil), "seed \(seed)")
      // More deletes than inserts in the second half, so that nodes are joined.
      if generator.below(100) < (step < 3_000 ? 70 : 30) {
        #expect(tree.set(step, at: place) == (isThere ? oracle[index].value : nil), "seed \(seed)")
        if isThere { oracle[index].value = step } else { oracle.insert((place, step), at: index) }
      } else {
        #expect(tree.remove(place) == (isThere ? oracle[index].value : nil), "seed \(seed)")
        if isThere { oracle.remove(at: index) }
      }
      guard step % 100 == 0 else { continue }
      let start = Self.place(generator.below(range))
      var found: [Int] = []
      tree.walk(from: start) {
        found.append($1); return true
      }
      #expect(found == oracle.filter { $0.place >= start }.map(\.value), "seed \(seed)")
      found = []
      tree.walkBack(from: start) {
        found.append($1); return found.count < 50
      }
      #expect(found == oracle.filter { $0.place <= start }.suffix(50).map(\.value).reversed(), "seed \(seed)")
      #expect(tree.count == oracle.count)
    }
  }

  @Test func aCopyStaysAsItWas() {
    var tree = OrderedTree<Int>()
    for number in 0..<1_000 { tree.set(number, at: Self.place(number)) }
    let copy = tree
    for number in 0..<1_000 { if number % 2 == 0 { tree.remove(Self.place(number)) } else { tree.set(-1, at: Self.place(number)) } }
    var values: [Int] = []
    copy.walk(from: .first) {
      values.append($1); return true
    }
    #expect(values == Array(0..<1_000) && copy.count == 1_000 && tree.count == 500)
  }

  @Test func growsInEitherDirectionAndShrinksToNothing() {
    for numbers in [Array(0..<5_000), Array((0..<5_000).reversed())] {
      var tree = OrderedTree<Int>()
      for number in numbers { tree.set(number, at: Self.place(number)) }
      #expect(tree.count == 5_000)
      for number in numbers { #expect(tree.remove(Self.place(number)) == number) }
      #expect(tree.count == 0)
      tree.walk(from: .first) { _, _ in
        Issue.record("nothing is left")
        return false
      }
    }
  }
}
