import AWSAuth
import DualTableBackfill
import DualTableMapping
import DualTableRehearsal
import DualTableScan
import DynamoDBModel
import Foundation
import TestSupport
import Testing

/// Whole rehearsals, small ones: `DUALTABLE_SEEDS=N` rehearses N seeds with heavy faults, `DUALTABLE_SEED=s` one alone.
@Suite("A rehearsal") struct RehearsalTests {
  private static let top = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
  private static let environment = ProcessInfo.processInfo.environment

  /// One of the shipped mappings; empty if there is none of that name.
  static func file(_ name: String) -> String { (try? String(contentsOfFile: "\(top)/Mappings/\(name).yaml", encoding: .utf8)) ?? "" }

  static func mapping(_ name: String) throws -> CompiledMapping {
    try CompiledMapping(yaml: Array(file(name).utf8), file: "\(name).yaml")
  }

  static func rehearse(
    _ mapping: CompiledMapping, seed: UInt64, items: Rehearsal.Items = .madeUp(120), faults: RehearsalFaults, operations: Int = 500,
    history: String? = nil
  ) throws -> RehearsalResult {
    let directory = TemporaryDirectory()
    var configuration = Rehearsal.Configuration(mapping: mapping, items: items, seed: seed, directory: directory.path)
    (configuration.faults, configuration.operations, configuration.history) = (faults, operations, history)
    return try Rehearsal(configuration).run(stop: StopSignal()) { _ in }
  }

  @Test("Nothing is lost, resurrected or overwritten", arguments: ["users", "orders", "identity"]) func clean(_ name: String) throws {
    let result = try Self.rehearse(try Self.mapping(name), seed: 3, faults: .light)
    #expect(result.isClean, "\(result.history) \(result.failures) \(result.moves.map(\.verify))")
    #expect(result.moves[0].backfill.counts[.scanned] > 80 && result.operations >= 500 && result.clients >= 16)
  }

  /// How many are rehearsed with heavy faults.
  static let seeds = UInt64(max(1, environment["DUALTABLE_SEEDS"].flatMap(Int.init) ?? 1))

  @Test("Under heavy faults neither") func heavy() throws {
    let seeds = Self.environment["DUALTABLE_SEED"].flatMap(UInt64.init).map { $0...$0 } ?? 1...Self.seeds
    let names = ["users", "orders", "identity"]
    for seed in seeds {
      do {
        let result = try Self.rehearse(try Self.mapping(names[Int(seed % 3)]), seed: seed, faults: .heavy)
        #expect(result.isClean, "seed \(seed): \(result.history) \(result.failures) \(result.moves.map(\.verify))")
      } catch {
        Issue.record("seed \(seed): \(error)")
      }
    }
  }

  @Test("One seed is one history, another one another") func replay() throws {
    let mapping = try Self.mapping("users")
    let digests = try [7, 7, 8].map { try Self.rehearse(mapping, seed: $0, faults: .light, operations: 250).digest }
    #expect(digests[0] == digests[1] && digests[1] != digests[2])
  }

  @Test("The history's file is what was judged: its digest, its keys, every line an event") func history() throws {
    let directory = TemporaryDirectory()
    let path = "\(directory.path)/history.jsonl"
    let result = try Self.rehearse(try Self.mapping("users"), seed: 5, faults: .none, history: path)
    let text = try directory.text("history.jsonl")
    var digest = SHA256()
    digest.update(text)
    #expect(HexDigits(digest.finish()).string == result.digest)
    let history = try History(lines: text)
    #expect(history.events.count { $0.operation != .initial } == result.operations)
    #expect(history.violations.isEmpty)
    let values = history.events.compactMap { $0.operation == .get ? nil : $0.value }
    #expect(Set(values).count == values.count, "a value is one write's")
    #expect(Set(history.events.map(\.client)).count > 16)
    let hottest = Dictionary(grouping: history.events, by: \.key).values.map(\.count).max() ?? 0
    #expect(hottest > 10)
  }

  @Test("One item for all clients is enough to tell") func single() throws {
    let item: Item = [
      "id": "u-1", "profile": .map(["email": "ada@example.com", "age": "36", "created": .number(DynamoDBNumber(1_600_000_000))]),
    ]
    for seed in UInt64(1)...2 {
      let result = try Self.rehearse(try Self.mapping("users"), seed: seed, items: .given([item]), faults: .light, operations: 300)
      #expect(result.isClean && result.operations > 50, "seed \(seed): \(result.history) \(result.failures)")
    }
  }

  @Test("Own items that can't be converted are findings") func unconvertible() throws {
    let items: [Item] = (0..<60).map { number in
      ["id": .string("u-\(number)"), "profile": .map(["age": .string(number == 40 ? "old" : "36")])]
    }
    let result = try Self.rehearse(try Self.mapping("users"), seed: 1, items: .given(items), faults: .none, operations: 300)
    #expect(result.moves[0].backfill.counts[.failed] == 1 && !result.isClean)
    #expect(result.lost == 0 && result.resurrected == 0 && result.overwritten == 0)
  }
}
