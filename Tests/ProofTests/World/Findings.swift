import DualTableBackfill
import DualTableRehearsal
import DualTableScan
import DynamoDBModel
import DynamoDBSimulator

/// What was wrong with a run, and the history that shows it.
struct Findings: Sendable {
  private(set) var sentences: [String] = []
  let history: History
  private let world: World

  init(_ world: World) {
    self.world = world
    history = world.recorder.history
    sentences = world.recorder.failures
    for (key, verdict) in history.violations {
      switch verdict {
      case .linearizable: break
      case .broken(let event):
        sentences.append("\(key) is no register: nothing explains \(event.line)")
      case .undecided: sentences.append("\(key) has too many operations of unknown outcome to tell")
      }
    }
  }

  var isEmpty: Bool { sentences.isEmpty }

  /// Every item of OLD is live or a tombstone in NEW, filtered, or a dead letter; and the backfill's sum holds.
  mutating func account(for old: [Item], in world: World, by result: BackfillJob.Result) {
    sentences += Self.lost(old, in: world, by: result)
  }

  static func lost(_ old: [Item], in world: World, by result: BackfillJob.Result) -> [String] {
    var sentences: [String] = []
    let new = world.simulator.items(in: Dialect.new.table)
    for item in old {
      guard let id = item["id"]?.stringValue else { continue }
      let isThere = new.contains { $0["user"]?.stringValue == "u-\(id)" }
      let isFiltered = item["kind"]?.stringValue == "test"
      if !isThere && !isFiltered && !result.deadLetters.contains("{\"S\":\"\(id)\"}") { sentences.append("OLD's item \(id) is lost") }
    }
    if !result.backfill.addsUp { sentences.append("the backfill's sum doesn't hold: \(result.backfill.counts)") }
    return sentences
  }

  /// What was wrong, with the history of each key that is, and its requests if they were traced.
  var report: String {
    let wrong = history.violations.map(\.key)
    return (sentences + wrong.flatMap { history.events(of: $0).map(\.line) + world.trace(of: $0) }).joined(separator: "\n")
  }
}
