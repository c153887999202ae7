import DynamoDBModel
import HTTPTransport
import MigrationControl
import TestSupport
import Testing

@testable import DualTableScan

/// State that something else has written: numbers that no run comes to, which would overflow where they are added up.
@Suite struct HostileStateTests {
  private let directory = TemporaryDirectory()
  private static let most = "9223372036854775807"

  private func expectDamaged(sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
    let error = #expect(throws: StateError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.code == .damaged, sourceLocation: sourceLocation)
  }

  @Test(
    arguments: [
      ("generation", most), ("generation", "-1"), ("elapsedMilliseconds", most), ("elapsedMilliseconds", "-5"), ("starts", most),
      ("linesLength", "-1"), ("totals", "{\"scanned\": \(most)}"), ("totals", "{\"scanned\": -1}"), ("doneTotals", "{\"bytes\": \(most)}"),
      ("begun", "{\"1\": {\"key\": null, \"counts\": {}}}"), ("done", "\"0-99999999\""), ("segments", most),
    ]) func `a snapshot's numbers have bounds`(_ name: String, _ value: String) throws
  {
    var members = [
      "version": "2", "generation": "1", "elapsedMilliseconds": "5", "starts": "1", "linesLength": "0", "totals": "{}", "doneTotals": "{}",
      "segments": "4", "done": "\"0-1\"", "begun": "{}", "changes": "[]",
    ]
    let path = "\(directory.path)/pass.json"
    func write() throws {
      let text = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
      try directory.write("pass.json", Array("{\(text)}".utf8))
    }
    try write()
    #expect(try PassSnapshot(path, plan: SegmentPlan(count: 4, seed: 1)).generation == 1)
    members[name] = value
    try write()
    expectDamaged { _ = try PassSnapshot(path, plan: SegmentPlan(count: 4, seed: 1)) }
  }

  @Test(arguments: [most, "1025", "-1"]) func `a manifest's partitions have a bound`(_ partitions: String) throws {
    func write(_ partitions: String) throws {
      let table = #"{"table": "t", "endpoint": "http://h"}"#
      let text = #""command": "verify", "old": \#(table), "new": \#(table), "mapping": "m", "mode": "", "segments": [1], "seed": "1""#
      try directory.write("manifest.json", Array("{\"version\": 2, \(text), \"partitions\": \(partitions)}".utf8))
    }
    try write("128")
    #expect(try StateDirectory.manifest(at: directory.path)?.partitions == 128)
    try write(partitions)
    expectDamaged { _ = try StateDirectory.manifest(at: directory.path) }
  }

  @Test func `a journal's record with an absurd number is none`() throws {
    func page(_ count: Int) -> ByteBuffer {
      var counts = PassCounts()
      counts[.scanned] = count
      var bytes = ByteBuffer()
      JournalRecord(.page(segment: 0, key: nil, counts: counts), elapsedMilliseconds: 1, linesLength: 0).encode(into: &bytes)
      return bytes
    }
    var offset = 0
    #expect(JournalRecord(page(1 << 40).span, at: &offset) != nil)
    offset = 0
    #expect(JournalRecord(page((1 << 40) + 1).span, at: &offset) == nil && offset == 0)
    var late = ByteBuffer()
    JournalRecord(.started, elapsedMilliseconds: .max, linesLength: 0).encode(into: &late)
    #expect(JournalRecord(late.span, at: &offset) == nil)
  }

  @Test(
    arguments: [
      #"{"version":1,"interval":9223372036854775807}"#, #"{"version":1,"interval":0}"#,
      #"{"version":1,"interval":1000}"# + "\n" + #"{"elapsed":9223372036854775807,"moment":1,"restarts":0,"counts":{}}"#,
      #"{"version":1,"interval":1000}"# + "\n" + #"{"elapsed":-1,"moment":1,"restarts":0,"counts":{}}"#,
      #"{"version":1,"interval":1000}"# + "\n" + #"{"elapsed":1,"moment":1,"restarts":0,"counts":{"scanned":9223372036854775807}}"#,
      #"{"version":1,"interval":1000}"# + "\n" + #"{"elapsed":1,"moment":1,"restarts":0,"counts":{},"reads":[3,9223372036854775807]}"#,
      #"{"version":1,"interval":1000}"# + "\n" + #"{"elapsed":1,"moment":1,"restarts":0,"counts":{},"reads":[240,1]}"#,
    ]) func `a series' numbers have bounds`(_ text: String) throws
  {
    try directory.write(RunSeries.file, Array("\(text)\n".utf8))
    expectDamaged { _ = try RunSeries.look(at: directory.path) }
  }

  @Test func `a series has no more lines than one that was written`() throws {
    let line = #"{"elapsed":1,"moment":1,"restarts":0,"counts":{}}"# + "\n"
    let head = #"{"version":1,"interval":1000}"# + "\n"
    try directory.write(RunSeries.file, Array((head + String(repeating: line, count: RunSeries.mostSamples + 1)).utf8))
    expectDamaged { _ = try RunSeries.look(at: directory.path) }
  }

  @Test func `reasons in a file of lines are as many and as long as they may be`() throws {
    func line(_ reason: String) -> String { "{\"key\":{},\"reason\":\"\(reason)\"}\n" }
    let known = String(repeating: line("missing"), count: 3)
    let many = (0..<5_000).map { line("r\($0)") }.joined()
    let text = known + line(String(repeating: "x", count: 1_000_000)) + many + known
    try directory.write("lines", Array(text.utf8))
    let reasons = try JSONLinesFile.reasons("\(directory.path)/lines", text.utf8.count)
    #expect(reasons["missing"] == 6 && reasons.count == 1_000 && reasons.keys.allSatisfy { $0.utf8.count <= 256 })
  }

  @Test(arguments: [most, "-1", "1000001"]) func `a worker's claim of the budgets in the control table has bounds`(_ claim: String) throws {
    var item: Item = ["name": "a", "nonce": 3, "claim": 7]
    #expect(try WorkerWatch.Beat(item: item) == WorkerWatch.Beat(name: "a", nonce: 3, claim: 7))
    item["claim"] = .number(try DynamoDBNumber(claim))
    #expect(throws: MigrationControlError.self) { _ = try WorkerWatch.Beat(item: item) }
  }

  @Test(arguments: [most, "0", "-1", "4097"]) func `open segments in the control table have bounds`(_ open: String) throws {
    var item = Self.pass
    item["openSegments"] = .number(try DynamoDBNumber(open))
    #expect(throws: MigrationControlError.self) { _ = try SharedPass(item: item) }
  }

  @Test(arguments: ["revision", "started", "finished"]) func `numbers in the control table have bounds`(_ name: String) throws {
    var item = Self.pass
    item[name] = .number(try DynamoDBNumber(Self.most))
    #expect(throws: MigrationControlError.self) { _ = try SharedPass(item: item) }
  }

  @Test func `a segment's counts and key in the control table have bounds`() throws {
    var item: Item = ["segment": 1, "revision": 1, "counts": .map(["scanned": 3]), "reasons": .map(["x": 1])]
    #expect(try SegmentLease(item: item, segments: 2).counts[.scanned] == 3)
    for (name, value) in [
      ("segment", "2"), ("segment", "-1"), ("revision", Self.most),
    ] as [(String, String)] {
      var damaged = item
      damaged[name] = .number(try DynamoDBNumber(value))
      #expect(throws: MigrationControlError.self) { _ = try SegmentLease(item: damaged, segments: 2) }
    }
    item["counts"] = .map(["scanned": .number(try DynamoDBNumber(Self.most))])
    #expect(throws: MigrationControlError.self) { _ = try SegmentLease(item: item, segments: 2) }
  }

  private static var pass: Item {
    let manifest = RunManifest(
      command: "backfill", old: .init(name: "a", endpoint: "http://h"), new: .init(name: "b", endpoint: "http://h"), mapping: "m",
      segments: [4], seed: 1)
    return SharedPass(run: "r", manifest: manifest, settings: SharedPass.Settings(), started: 5).attributes
  }
}
