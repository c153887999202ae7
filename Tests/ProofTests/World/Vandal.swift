import DualTableRehearsal
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator

/// Does to NEW what may only be done in phase 5, while phase 3 holds.
struct Vandal: Sendable {
  private let world: World
  private let defect: Defect

  init(_ world: World, _ defect: Defect) {
    self.world = world
    self.defect = defect
  }

  func run() async throws {
    guard defect == .expiryBeforeFive || defect == .sweepsTombstonesEarly else { return }
    for _ in 0..<40 {
      try await world.time.sleep(for: .milliseconds(60))
      let start = world.recorder.stamp()
      let items = world.simulator.items(in: Dialect.new.table)
      for item in items where (item["_dt"] != nil) == (defect == .sweepsTombstonesEarly) {
        guard let name = item["user"]?.stringValue else { continue }
        world.simulator.change { $0.delete(Dialect.new.key(name), in: Dialect.new.table) }
        // An item that expires is gone like one that somebody deleted.
        if defect == .expiryBeforeFive {
          world.recorder.add(Call(key: name, operation: .delete), client: 999, start: start, .ok(result: nil, tells: false))
        }
      }
    }
  }
}
