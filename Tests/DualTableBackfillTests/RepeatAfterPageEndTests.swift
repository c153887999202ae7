import DualTableScan
import DynamoDBModel
import DynamoDBSimulator
import Testing

@testable import DualTableBackfill

@Suite("A put that is sent again after its page was read to its end")
struct RepeatAfterPageEndTests {
  @Test("It holds the whole item: the page's last key, which was read in between, is not taken for it")
  func wholeItem() async throws {
    let simulator = DynamoDBSimulator(itemsInPage: 1)
    let migration = try await Migration(simulator)
    for number in 0..<4 { try await migration.put(Migration.oldItem(number), in: "old") }
    simulator.follow { arrival, _ in
      arrival.operation == "PutItem" && arrival.index < 2
        ? .service("ThrottlingException", "Rate of requests exceeds the allowed throughput.") : nil
    }
    let result = try await migration.backfill { $0.segments = 1 }
    simulator.follow(nil)
    #expect(result.counts[.migrated] == 4 && result.addsUp)
    for number in 0..<4 { #expect(migration.newItems["u-\(number)"] == (try Migration.newItem(number))) }
  }
}
