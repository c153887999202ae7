/// One operation on a register, in numbers: 0 is no item, 1 a value that nobody saw or named, every other one write's.
package struct RegisterOperation: Sendable, Hashable {
  let operation: HistoryEvent.Operation
  let outcome: HistoryEvent.Outcome
  let value: Int
  let expect: Int
  /// What it saw or replaced; nil where it doesn't tell.
  let result: Int?

  /// True if it leaves the register as it is, whenever it takes effect.
  var onlyLooks: Bool { operation == .get || outcome == .refused }

  /// The register after the operation if it takes effect on `state`; nil if what its client was told rules that out.
  package func apply(to state: Int) -> Int? {
    if let result, result != state { return nil }
    let holds =
      switch operation {
      case .create: state == 0
      case .replace: state == expect
      case .update: state != 0
      case .initial, .get, .put, .delete: true
      }
    switch (outcome, holds) {
    case (.refused, false): return state
    case (.refused, true), (.ok, false), (.unknown, false): return nil
    case (.ok, true), (.unknown, true): break
    }
    return switch operation {
    case .get: state
    case .delete: 0
    case .initial, .put, .create, .replace, .update: value
    }
  }
}

/// One key's history in numbers, in the order of its starts.
package struct RegisterHistory: Sendable {
  package private(set) var initial = 0
  package private(set) var operations: [RegisterOperation] = []
  /// The events that the operations were made of.
  package private(set) var events: [HistoryEvent] = []

  package init(_ history: [HistoryEvent]) {
    var numbers: [String: Int] = [:]
    for event in history {
      let seen = event.tellsResult && event.outcome != .unknown ? event.result : nil
      for value in [seen, event.expect] { if let value, numbers[value] == nil { numbers[value] = numbers.count + 2 } }
    }
    // Nothing tells the others apart, so that writes of them do the same.
    func number(_ value: String?) -> Int { value.map { numbers[$0] ?? 1 } ?? 0 }
    for event in history.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      if event.operation == .initial {
        initial = number(event.value)
        continue
      }
      // A read without an answer says nothing.
      if event.operation == .get, event.outcome == .unknown { continue }
      operations.append(
        RegisterOperation(
          operation: event.operation, outcome: event.outcome, value: number(event.value), expect: number(event.expect),
          result: event.tellsResult && event.outcome != .unknown ? .some(number(event.result)) : nil))
      events.append(event)
    }
  }
}
