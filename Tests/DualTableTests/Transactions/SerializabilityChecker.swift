import DynamoDBModel

/// Whether a history of transactions on a few keys is strictly serializable: whether there is one order of them that gives every answer and
/// never puts one that began after another's end before it.
///
/// Wing and Gong's search over the joint state of all keys, with every state that led nowhere remembered. A false condition is a read of
/// its own, since a transaction's refusal tells of each of its actions at a moment of that action's own.
struct SerializabilityChecker {
  /// Something that takes effect at one moment.
  private struct Point {
    let began: Int
    let ended: Int
    /// True if it may never have happened.
    let isOptional: Bool
    /// True if it leaves the state as it is.
    let isReading: Bool
    /// The state after it; nil where it can't be the next.
    let step: ([Item?]) -> [Item?]?
  }

  private struct Visit: Hashable {
    let done: UInt128
    let state: Int
  }

  private let points: [Point]
  private let required: UInt128
  /// All states met so far, and what each point makes of each.
  private var states: [[Item?]]
  private var numbers: [[Item?]: Int]
  private var steps: [[Int: Int?]]
  private var visited: Set<Visit> = []

  /// A check of a history that began with `values`, those of `keys`.
  init(_ values: [Item?], keys: [Item], _ history: [TransactionRecord]) {
    var points: [Point] = []
    for record in history { points += Self.points(of: record, keys) }
    points.sort { $0.began < $1.began }
    precondition(points.count <= 128, "a mask has 128 bits")
    self.points = points
    required = points.indices.reduce(0) { points[$1].isOptional ? $0 : $0 | 1 << UInt128($1) }
    states = [values]
    numbers = [values: 0]
    steps = Array(repeating: [:], count: points.count)
  }

  private static func points(of record: TransactionRecord, _ keys: [Item]) -> [Point] {
    func reading(_ test: @escaping ([Item?]) -> Bool) -> Point {
      Point(began: record.began, ended: record.ended, isOptional: false, isReading: true) { test($0) ? $0 : nil }
    }
    func writing(_ actions: [TransactionRecord.Action], isOptional: Bool) -> Point {
      Point(began: record.began, ended: isOptional ? .max : record.ended, isOptional: isOptional, isReading: false) { state in
        guard actions.allSatisfy({ $0.holds(of: state[$0.key]) }) else { return nil }
        var after = state
        for action in actions { after[action.key] = action.apply(to: state[action.key], key: keys[action.key]) }
        return after
      }
    }
    switch (record.call, record.outcome) {
    case (.read(let places), .read(let items)): return [reading { state in zip(places, items).allSatisfy { state[$0] == $1 } }]
    case (.write(let actions), .committed): return [writing(actions, isOptional: false)]
    case (.write(let actions), .unknown): return [writing(actions, isOptional: true)]
    case (.write(let actions), .refused(let refusals)):
      return refusals.map { refusal in
        let action = actions[refusal.action]
        return reading { state in state[action.key] == refusal.item && !action.holds(of: state[action.key]) }
      }
    default: return []
    }
  }

  mutating func isSerializable() -> Bool { search(done: 0, state: 0) }

  private mutating func search(done: UInt128, state: Int) -> Bool {
    if done & required == required { return true }
    guard visited.insert(Visit(done: done, state: state)).inserted else { return false }
    let deadline = points.indices.reduce(Int.max) { done & 1 << UInt128($1) == 0 ? min($0, points[$1].ended) : $0 }
    var candidates: [Int] = []
    for index in points.indices where done & 1 << UInt128(index) == 0 && points[index].began < deadline {
      guard let next = step(index, state) else { continue }
      // What changes nothing and fits now needs no other place.
      if points[index].isReading { return search(done: done | 1 << UInt128(index), state: next) }
      candidates.append(index)
    }
    for index in candidates {
      if let next = step(index, state), search(done: done | 1 << UInt128(index), state: next) { return true }
    }
    return false
  }

  private mutating func step(_ index: Int, _ state: Int) -> Int? {
    if let known = steps[index][state] { return known }
    let after = points[index].step(states[state]).map { after in
      if let number = numbers[after] { return number }
      states.append(after)
      numbers[after] = states.count - 1
      return states.count - 1
    }
    steps[index].updateValue(after, forKey: state)
    return after
  }
}
