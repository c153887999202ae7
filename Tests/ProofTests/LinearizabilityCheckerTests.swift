import DualTableRehearsal
import DynamoDBClient
import Testing

/// The judge is judged: by histories whose verdict is known, and by one that tries every order.
@Suite("The judge of histories") struct LinearizabilityCheckerTests {
  /// A history written in a short form: `start-end op value`, with `=seen` and `?` for unknown, `!` for refused.
  static func history(_ lines: [String]) -> [HistoryEvent] {
    lines.map { line in
      let words = line.split(separator: " ").map { String($0) }
      guard words[0].contains("-"), let operation = HistoryEvent.Operation(rawValue: words[1]) else {
        return HistoryEvent(key: "k", operation: .initial, value: words[1] == "-" ? nil : words[1])
      }
      let times = words[0].split(separator: "-").compactMap { Int64($0) }
      var event = HistoryEvent(key: "k", operation: operation, start: times[0], end: times[1])
      for word in words.dropFirst(2) {
        switch word.first {
        case "=": (event.tellsResult, event.result) = (true, word == "=-" ? nil : String(word.dropFirst()))
        case "?": event.outcome = .unknown
        case "!": event.outcome = .refused
        case "<": event.expect = String(word.dropFirst())
        default: event.value = word
        }
      }
      return event
    }
  }

  static let right: [[String]] = [
    [], ["initial a", "1-2 get =a"], ["initial -", "1-2 get =-"], ["initial a", "1-2 put b", "3-4 get =b"],
    // Two that overlap may go either way, and a read may see the later one first.
    ["initial a", "1-9 put b", "2-3 get =b", "4-5 get =b"], ["initial a", "1-9 put b", "2-3 get =a", "4-5 get =b"],
    ["initial a", "1-9 put b", "1-9 put c", "10-11 get =b"],
    // One of unknown outcome takes effect long after its end, or never.
    ["initial a", "1-2 put b ?", "3-4 get =a", "5-6 get =a", "7-8 get =b"], ["initial a", "1-2 put b ?", "3-4 get =a"],
    ["initial a", "1-2 delete ?", "3-4 put b", "5-6 get =-"], ["initial a", "1-2 replace b <a ?", "3-4 put c", "5-6 put a", "7-8 get =b"],
    ["initial -", "1-2 create a", "3-4 create b !", "5-6 delete", "7-8 create c", "9-10 get =c"],
    ["initial a", "1-2 update b", "3-4 delete", "5-6 update c !"], ["initial a", "1-2 replace b <a", "3-4 replace c <a !"],
    ["initial a", "1-2 put b =a", "3-4 delete =b", "5-6 put c =-"],
    // What was replaced tells the order of two that overlap.
    ["initial a", "1-9 put b =c", "1-9 put c =a", "10-11 get =b"],
  ]

  static let broken: [[String]] = [
    ["initial a", "1-2 get =-"], ["initial -", "1-2 get =a"], ["initial a", "1-2 put b", "3-4 get =a"],
    // A lost update, one that comes back, one that is seen and then not any more.
    ["initial a", "1-2 put b", "3-4 put c", "5-6 get =b"], ["initial a", "1-2 delete", "3-4 get =a"],
    ["initial a", "1-9 put b", "2-3 get =b", "4-5 get =a"], ["initial a", "1-2 put b ?", "3-4 get =b", "5-6 get =a"],
    // One of unknown outcome takes effect once, and not before it starts.
    ["initial a", "1-2 put b ?", "3-4 get =b", "5-6 put c", "7-8 get =b"], ["initial a", "1-2 get =b", "3-4 put b ?"],
    ["initial a", "1-2 create b"], ["initial -", "1-2 create b !"], ["initial -", "1-2 update b"], ["initial a", "1-2 update b !"],
    ["initial a", "1-2 replace b <c"], ["initial a", "1-2 replace b <a !"], ["initial a", "1-2 put b !"],
    ["initial a", "1-2 put b =c"], ["initial a", "1-2 replace b <x ?", "3-4 get =b"],
    ["initial a", "1-9 put b =c", "1-9 put c =b", "10-11 get =b"], ["initial a", "1-2 get =z"],
  ]

  @Test("What one register could have done is let pass", arguments: right) func rights(_ lines: [String]) {
    #expect(LinearizabilityChecker.check(Self.history(lines)) == .linearizable)
  }

  @Test("What no register can have done is found", arguments: broken) func brokens(_ lines: [String]) {
    guard case .broken = LinearizabilityChecker.check(Self.history(lines)) else {
      Issue.record("\(lines)")
      return
    }
  }

  @Test("It agrees with one that tries every order, on small histories of every kind") func everyOrder() {
    var verdicts = [0, 0]
    for seed in Sweep.seeds(6_000) {
      var random = SeededGenerator(seed: seed)
      let events = Self.drawn(&random)
      let expected = EveryOrder(RegisterHistory(events)).isLinearizable
      let verdict = LinearizabilityChecker.check(events)
      #expect((verdict == .linearizable) == expected && verdict != .undecided, "seed \(seed): \(events.map(\.line))")
      verdicts[expected ? 1 : 0] += 1
    }
    if Sweep.seeds(6_000).count == 6_000 { #expect(verdicts.allSatisfy { $0 > 600 }, "\(verdicts)") }
  }

  /// Up to six operations on few values, most of them told what a register could tell, so that about half of them are right.
  private static func drawn(_ random: inout SeededGenerator) -> [HistoryEvent] {
    let values = ["a", "b", "c"]
    var events = [HistoryEvent(key: "k", operation: .initial, value: random.below(2) == 0 ? nil : "a")]
    var clock: Int64 = 0
    for _ in 0..<(1 + random.below(6)) {
      clock += Int64(random.below(3))
      var event = HistoryEvent(key: "k", operation: HistoryEvent.Operation.allCases[1 + random.below(6)])
      (event.start, event.end) = (clock, clock + Int64(random.below(6)))
      if event.operation != .get && event.operation != .delete { event.value = values[random.below(3)] }
      if event.operation == .replace { event.expect = values[random.below(3)] }
      if event.operation == .get || random.below(3) == 0 {
        (event.tellsResult, event.result) = (true, random.below(3) == 0 ? nil : values[random.below(3)])
      }
      if random.below(4) == 0 { event.outcome = .unknown }
      if [.create, .replace, .update].contains(event.operation), random.below(3) == 0 { event.outcome = .refused }
      events.append(event)
    }
    return events
  }

  @Test("A long history with many operations open is judged in no time") func long() {
    var events = [HistoryEvent(key: "k", operation: .initial, value: nil)]
    for number in 0..<300 {
      let start = Int64(number * 10)
      events.append(HistoryEvent(key: "k", operation: .put, value: "v\(number)", start: start, end: start + 45))
      if number % 40 == 0 {
        events.append(HistoryEvent(key: "k", operation: .put, value: "u\(number)", outcome: .unknown, start: start, end: start + 1))
      }
    }
    #expect(LinearizabilityChecker.check(events) == .linearizable)
    events.append(HistoryEvent(key: "k", operation: .get, result: "v7", tellsResult: true, start: 4_000, end: 4_001))
    guard case .broken = LinearizabilityChecker.check(events) else {
      Issue.record("a value of long ago was let pass")
      return
    }
  }

  @Test("Twenty clients at once on one key are judged, right and wrong") func crowd() {
    var random = SeededGenerator(seed: 1)
    var events = [HistoryEvent(key: "k", operation: .initial, value: nil)]
    var state: String?
    for number in 0..<120 {
      // Takes effect at an instant that only we know.
      let instant = Int64(number * 10)
      var event = HistoryEvent(
        client: number % 20, key: "k", operation: [.get, .get, .put, .create, .update, .delete][random.below(6)], start: instant - 100,
        end: instant + Int64(random.below(100)))
      if event.operation != .get && event.operation != .delete { event.value = "v\(number)" }
      (event.tellsResult, event.result) = (event.operation == .get || random.below(2) == 0, state)
      switch event.operation {
      case .create where state != nil, .update where state == nil: event.outcome = .refused
      case .delete: state = nil
      case .put, .create, .update: state = event.value
      case .get, .replace, .initial: break
      }
      events.append(event)
    }
    #expect(LinearizabilityChecker.check(events) == .linearizable)
    events.append(HistoryEvent(key: "k", operation: .get, result: "v17", tellsResult: true, start: 1_400, end: 1_401))
    guard case .broken = LinearizabilityChecker.check(events) else {
      Issue.record("a value of long ago was let pass")
      return
    }
  }

  @Test("A history reads back from its lines, key by key") func lines() throws {
    let text = """
      {"op":"initial","key":"u-17","value":"v0"}
      {"client":3,"key":"u-17","op":"replace","value":"v9","expect":"v8","outcome":"ok","start":1205,"end":1391}
      {"client":5,"key":"u-17","op":"get","result":"v9","outcome":"ok","start":1400,"end":1422}
      {"client":5,"key":"u-18","op":"get","result":null,"outcome":"ok","start":1400,"end":1422}
      """
    let history = try History(lines: text)
    #expect(history.keys == ["u-17", "u-18"])
    #expect(try History(lines: history.lines).events == history.events)
    #expect(history.events[3].tellsResult && history.events[3].result == nil)
    #expect(history.violations.map(\.key) == ["u-17"])
    #expect(throws: History.LineError.self) { try History(lines: "{\"op\":\"take\",\"key\":\"k\"}") }
  }
}

/// Tries every order of a small history.
private struct EveryOrder {
  private let history: RegisterHistory

  init(_ history: RegisterHistory) { self.history = history }

  var isLinearizable: Bool { search(history.initial, Set(history.operations.indices)) }

  /// True if what is left can go on from `state`: any operation before which no other one has ended.
  private func search(_ state: Int, _ left: Set<Int>) -> Bool {
    if left.allSatisfy({ history.events[$0].outcome == .unknown }) { return true }
    for index in left {
      let mayBeNext = left.allSatisfy { other in
        other == index || history.events[other].outcome == .unknown || history.events[other].end >= history.events[index].start
      }
      guard mayBeNext, let next = history.operations[index].apply(to: state) else { continue }
      if search(next, left.subtracting([index])) { return true }
    }
    return false
  }
}
