import DualTableBackfill
import DualTableMapping
import DualTableRehearsal
import DualTableScan
import DynamoDBModel
import TestSupport
import Testing

/// Forth and back: `DUALTABLE_SEEDS=N` rehearses N seeds with heavy faults.
@Suite("A rehearsal of a rollback") struct RollbackTests {
  static func rehearse(
    _ name: String, seed: UInt64, faults: RehearsalFaults, items: Rehearsal.Items = .madeUp(120),
    inverse: (CompiledMapping) throws -> any TableMapping = { try CompiledMapping(yaml: Array(try $0.inverse().utf8), file: "inverse") }
  ) throws -> (result: RehearsalResult, history: History) {
    let directory = TemporaryDirectory()
    let mapping = try RehearsalTests.mapping(name)
    var configuration = Rehearsal.Configuration(mapping: mapping, items: items, seed: seed, directory: directory.path)
    configuration.inverse = try inverse(mapping)
    (configuration.operations, configuration.faults) = (1_000, faults)
    configuration.history = "\(directory.path)/history.jsonl"
    let result = try Rehearsal(configuration).run(stop: StopSignal()) { _ in }
    return (result, try History(lines: try directory.text("history.jsonl")))
  }

  @Test(
    "A rollback is a migration the other way, by the same phases: what was acknowledged before it is seen after it",
    arguments: ["users", "identity"])
  func forthAndBack(_ name: String) throws {
    let (result, history) = try Self.rehearse(name, seed: 2, faults: .light)
    #expect(result.isClean, "\(result.history) \(result.failures) \(result.moves.map(\.verify))")
    #expect(result.moves.map(\.direction) == [.forth, .back])
    for move in result.moves {
      #expect(move.backfill.counts[.scanned] > 80 && move.traffic.operations >= 500)
    }
    // Keys whose last write was acknowledged on the way there and that were read on the way back: what the two have to do with each other.
    let turn = try #require(history.events.filter { $0.client > 20 }.map(\.start).min())
    let both = Dictionary(grouping: history.events.filter { $0.operation != .initial }, by: \.key).values.filter { events in
      let after = events.filter { $0.start > turn }.min { $0.start < $1.start }
      return events.contains { $0.start < turn && $0.operation != .get && $0.outcome == .ok } && after?.operation == .get
    }
    #expect(both.count > 5)
  }

  @Test("Under heavy faults nothing is lost on either way") func heavy() throws {
    for seed in 1...RehearsalTests.seeds {
      let (result, _) = try Self.rehearse(seed % 2 == 0 ? "users" : "identity", seed: seed, faults: .heavy)
      #expect(result.isClean, "seed \(seed): \(result.history) \(result.failures) \(result.moves.map(\.verify))")
    }
  }

  /// Loses what clients write on the way back.
  private struct Forgetful: TableMapping {
    let inverse: CompiledMapping
    var identity: String { "forgetful" }
    var oldSchema: KeySchema { inverse.oldSchema }
    var newSchema: KeySchema { inverse.newSchema }
    func convert(_ item: Item) throws(ConversionError) -> [Item] {
      try inverse.convert(item).map { item in
        var item = item
        // A client's mark begins with its number; those of the registers that are looked for at the start are a single sign.
        if item["rehearsed"]?.stringValue?.hasPrefix("c") == true { item["rehearsed"] = nil }
        return item
      }
    }
    func oldKey(for newKey: Item) throws(ConversionError) -> Item? { try inverse.oldKey(for: newKey) }
  }

  @Test("A way back that forgets what was written is found") func forgetful() throws {
    let (result, _) = try Self.rehearse("identity", seed: 2, faults: .none) {
      Forgetful(inverse: try CompiledMapping(yaml: Array(try $0.inverse().utf8), file: "inverse"))
    }
    #expect(result.overwritten > 0 && !result.isClean, "\(result.history)")
  }

  @Test("An item that can't be converted back is a finding of the way back alone") func unconvertible() throws {
    let directory = TemporaryDirectory()
    let mapping = try RehearsalTests.mapping("identity")
    // The way back takes less than the way there gives.
    let narrow =
      "version: 1\nold: {hash: {id: S}}\nnew: {hash: {id: S}}\nkey: {id: id}\nattributes: {age: {was: string, type: number}}\nrest: keep"
    let items: [Item] = (0..<60).map { ["id": .string("u-\($0)"), "age": .string($0 == 41 ? "old" : "\($0)")] }
    var configuration = Rehearsal.Configuration(mapping: mapping, items: .given(items), seed: 1, directory: directory.path)
    configuration.inverse = try CompiledMapping(yaml: Array(narrow.utf8), file: "narrow")
    (configuration.operations, configuration.faults) = (400, .none)
    let result = try Rehearsal(configuration).run(stop: StopSignal()) { _ in }
    #expect(result.moves.map { $0.backfill.counts[.failed] } == [0, 1] && !result.isClean)
    #expect(result.lost == 0 && result.overwritten == 0)
  }
}
