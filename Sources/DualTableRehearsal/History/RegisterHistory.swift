/// One operation on a register, in numbers: 0 is no item, every other value one write's.
package struct RegisterOperation: Sendable, Hashable {
  let operation: HistoryEvent.Operation
  let outcome: HistoryEvent.Outcome
  let value: Int
  let expect: Int
  /// What it saw or replaced; nil where it doesn't tell.
  let result: Int?

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
    func number(_ value: String?) -> Int {
      guard let value else { return 0 }
      if let number = numbers[value] { return number }
      numbers[value] = numbers.count + 1
      return numbers.count
    }
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
