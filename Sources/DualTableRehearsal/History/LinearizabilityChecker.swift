/// Judges whether each key's history could be that of one register that operations reach one at a time, each between its start and its end.
///
/// Wing and Gong's search, one key at a time since a history is linearizable exactly if each key's is. It goes through starts and ends in
/// their order and keeps every configuration that is still possible: the register's value and which of the open operations have taken
/// effect. An operation has to take effect before its end at the latest; others do so only where that helps one that ends. An operation
/// of unknown outcome stays open for good, and never has to.
///
/// Two kinds of orders are never tried, since others are as good: one in which an operation that only looks waits although it could have
/// its turn, and one in which, of operations that do the same, another than the first to end goes first.
package struct LinearizabilityChecker {
  /// Configurations that may be open at once; a history that needs more is undecided.
  static let mostConfigurations = 1 << 17
  /// Operations that may be open at once.
  static let mostOpen = UInt128.bitWidth

  package enum Verdict: Sendable, Hashable {
    case linearizable
    /// No order explains this event after all that ended before it.
    case broken(HistoryEvent)
    /// Too many operations of unknown outcome to tell.
    case undecided
  }

  private struct Configuration: Hashable {
    var value: Int
    /// The open operations that have taken effect, by their slots.
    var done: UInt128
  }

  private let history: RegisterHistory
  /// The operation in each slot; nil: free.
  private var open: [Int?] = []
  private var configurations: Frugal
  /// Slots of operations that never have to take effect.
  private var optional: UInt128 = 0
  /// By slot, those of open operations that do the same and end before.
  private var before: [UInt128] = []

  private init(_ history: RegisterHistory) {
    self.history = history
    configurations = Frugal(0)
    _ = configurations.insert(Configuration(value: history.initial, done: 0))
  }

  /// Judges the history of one key.
  package static func check(_ events: [HistoryEvent]) -> Verdict {
    var checker = LinearizabilityChecker(RegisterHistory(events))
    return checker.run()
  }

  private mutating func run() -> Verdict {
    let events = history.events
    // An operation that starts when another ends doesn't follow it.
    let ends = events.indices.filter { events[$0].outcome != .unknown }.sorted { (events[$0].end, $0) < (events[$1].end, $1) }
    var slots: [Int: Int] = [:]
    var started = 0
    for index in ends {
      while started < events.count, events[started].start <= events[index].end {
        guard let slot = begin(started) else { return .undecided }
        slots[started] = slot
        started += 1
      }
      guard let slot = slots[index] else { preconditionFailure("an operation ends after it started") }
      guard end(slot) else { return .undecided }
      if configurations.isEmpty { return .broken(events[index]) }
    }
    return .linearizable
  }

  private mutating func begin(_ index: Int) -> Int? {
    let slot = open.firstIndex { $0 == nil } ?? open.count
    guard slot < Self.mostOpen else { return nil }
    if slot == open.count {
      open.append(nil)
      before.append(0)
    }
    before[slot] = 0
    for (other, twin) in open.enumerated() {
      guard let twin, history.operations[twin] == history.operations[index] else { continue }
      if ends(twin, before: index) { before[slot] |= 1 << UInt128(other) } else { before[other] |= 1 << UInt128(slot) }
    }
    open[slot] = index
    if history.operations[index].outcome == .unknown { optional |= 1 << UInt128(slot) }
    return slot
  }

  /// Of operations that do the same; those of unknown outcome never end.
  private func ends(_ one: Int, before other: Int) -> Bool {
    if history.operations[one].outcome == .unknown { return one < other }
    return (history.events[one].end, one) < (history.events[other].end, other)
  }

  /// With all that only look and can.
  private func settled(_ configuration: Configuration) -> Configuration {
    var settled = configuration
    for (slot, index) in open.enumerated() {
      guard let index, history.operations[index].onlyLooks, history.operations[index].apply(to: configuration.value) != nil else {
        continue
      }
      settled.done |= 1 << UInt128(slot)
    }
    return settled
  }

  /// Lets every configuration go on in all ways until the operation in `slot` has taken effect; false if there are too many.
  ///
  /// Goes from those that have used up few optional operations to those that have used up more: what can do nothing that another one
  /// couldn't is never gone on from.
  private mutating func end(_ slot: Int) -> Bool {
    let bit = UInt128(1) << UInt128(slot)
    var after = Frugal(optional)
    var seen = Frugal(optional)
    var levels: [[Configuration]] = []
    func level(_ configuration: Configuration) -> Int { (configuration.done & optional).nonzeroBitCount }
    func push(_ configuration: Configuration) {
      while levels.count <= level(configuration) { levels.append([]) }
      levels[level(configuration)].append(configuration)
    }
    for configuration in configurations.all { push(settled(configuration)) }
    var current = 0
    while current < levels.count {
      guard let configuration = levels[current].popLast() else {
        current += 1
        continue
      }
      guard seen.insert(configuration) else { continue }
      if seen.count > Self.mostConfigurations { return false }
      if configuration.done & bit != 0 {
        _ = after.insert(Configuration(value: configuration.value, done: configuration.done & ~bit))
        continue
      }
      for (other, index) in open.enumerated() {
        let otherBit = UInt128(1) << UInt128(other)
        guard let index, configuration.done & otherBit == 0, before[other] & ~configuration.done == 0,
          let value = history.operations[index].apply(to: configuration.value)
        else { continue }
        push(settled(Configuration(value: value, done: configuration.done | otherBit)))
      }
    }
    open[slot] = nil
    for other in before.indices { before[other] &= ~bit }
    configurations = after
    return true
  }

  /// Configurations without those that another one is as good as: the same but for fewer optional operations used up.
  private struct Frugal {
    private let optional: UInt128
    private var used: [Configuration: [UInt128]] = [:]
    private(set) var count = 0

    init(_ optional: UInt128) { self.optional = optional }

    /// False if it, or one as good, is there already.
    mutating func insert(_ configuration: Configuration) -> Bool {
      let spent = configuration.done & optional
      let place = Configuration(value: configuration.value, done: configuration.done & ~optional)
      if used[place, default: []].contains(where: { $0 & spent == $0 }) { return false }
      used[place, default: []].append(spent)
      count += 1
      return true
    }

    var isEmpty: Bool { used.isEmpty }

    var all: [Configuration] {
      used.flatMap { place, spent in spent.map { Configuration(value: place.value, done: place.done | $0) } }
    }
  }
}
