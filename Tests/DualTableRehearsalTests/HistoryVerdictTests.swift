import DualTableRehearsal
import Testing

@Suite("What a broken history shows") struct HistoryVerdictTests {
  private static func event(
    _ operation: HistoryEvent.Operation, _ value: String? = nil, _ outcome: HistoryEvent.Outcome = .ok, sees: String?? = nil, at: Int64
  ) -> HistoryEvent {
    var event = HistoryEvent(key: "k", operation: operation, value: value, outcome: outcome, start: at, end: at + 1)
    if let sees { (event.tellsResult, event.result) = (true, sees) }
    return event
  }

  private static let start = event(.initial, "a", at: 0)

  static let broken: [(events: [HistoryEvent], lost: Int, resurrected: Int, overwritten: Int)] = [
    ([start, event(.put, "b", at: 2), event(.get, sees: .some(nil), at: 4)], 1, 0, 0),
    ([start, event(.update, "b", .refused, at: 2)], 1, 0, 0),
    ([start, event(.create, "b", at: 2)], 1, 0, 0),
    ([start, event(.delete, at: 2), event(.get, sees: "a", at: 4)], 0, 1, 0),
    ([start, event(.delete, at: 2), event(.create, "b", .refused, at: 4)], 0, 1, 0),
    ([start, event(.delete, at: 2), event(.update, "b", at: 4)], 0, 1, 0),
    ([start, event(.put, "b", at: 2), event(.get, sees: "a", at: 4)], 0, 0, 1),
    ([start, event(.put, "b", at: 2), event(.get, sees: "(damaged)", at: 4)], 0, 0, 1),
    ([start, event(.put, "b", at: 2), event(.get, sees: "b", at: 4)], 0, 0, 0),
  ]

  @Test("A missing item is lost, a deleted one resurrected, an older one overwritten", arguments: broken.indices)
  func harm(_ index: Int) {
    let row = Self.broken[index]
    let verdict = HistoryVerdict(History(row.events))
    #expect(verdict.lost == row.lost && verdict.resurrected == row.resurrected && verdict.overwritten == row.overwritten)
    #expect(verdict.examples.isEmpty == (row.lost + row.resurrected + row.overwritten == 0))
  }
}
