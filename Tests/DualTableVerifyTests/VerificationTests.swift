import DualTableMapping
import DualTableScan
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import Synchronization
import TestSupport
import Testing

@testable import DualTableVerify

@Suite struct VerificationTests {
  @Test func `complete tables are clean, whatever else is in them`() async throws {
    var old = (0..<100).map { VerifyScene.item($0) }
    old += (100..<120).map { VerifyScene.item($0, "twin") } + (120..<125).map { VerifyScene.item($0, "skip") }
    let scene = try await VerifyScene(backfilled: old)
    scene.engine.change { service in
      for number in 0..<9 {
        var tombstone = VerifyScene.newKey(number)
        tombstone["_dt"] = .number(DynamoDBNumber(1_700_000_000_000))
        service.put(tombstone, in: "new")
      }
      for number in 500..<504 { service.put(VerifyScene.newKey(number), in: "new") }
    }
    let result = try await scene.verify()
    #expect(result.verdict == .clean)
    #expect(result.oldIDs == 140 && result.newIDs == 144 && result.extra == 4 && result.tombstones == 9 && result.filtered == 5)
    #expect(result.missing == 0 && result.unconvertible == 0 && result.rechecked == 0 && result.undecided == 0)
    #expect(try scene.findings() == [])
    // Nothing is left for the next run to stumble over.
    #expect(scene.directory.names("verify") == ["lock"])
  }

  /// Of a mapping file only what decides the keys is read; what else is wrong with an item shows where its id is missing.
  @Test func `a mapping file is cut down to its keys`() async throws {
    let yaml = """
      version: 1
      old: {hash: {id: S}}
      new: {hash: {pk: S}, range: {n: N}}
      skip-when: {exists: skip}
      key: {pk: {template: "USER#{id}"}, n: {const: 7}}
      attributes: {age: {from: v.age, was: string, type: number}}
      rest: keep
      """
    var old: [Item] = (0..<60).map { ["id": .string("u-\($0)"), "v": .map(["age": .string("\($0)")]), "w": .string("text")] }
    old += [VerifyScene.item(60, "skip"), VerifyScene.item(61, "skip")]
    old[3]["v"] = .map(["age": .string("old")])
    old[4]["v"] = .map(["age": .string("old")])
    let scene = try await VerifyScene(backfilled: old, mapping: try CompiledMapping(yaml: Array(yaml.utf8), file: "test"))
    scene.engine.change { service in
      service.delete(VerifyScene.newKey(17), in: "new")
      // The backfill couldn't convert it, but the service wrote it since.
      service.put(VerifyScene.newKey(4), in: "new")
    }
    let result = try await scene.verify()
    #expect(result.oldIDs == 60 && result.filtered == 2 && result.missing == 1 && result.unconvertible == 1 && result.rechecked == 2)
    #expect(try scene.findings() == ["missing u-17", "unconvertible u-3"])
  }

  @Test func `empty tables are clean`() async throws {
    let result = try await VerifyScene(old: [], new: []).verify()
    #expect(result.verdict == .clean && result.oldIDs == 0 && result.newIDs == 0)
  }

  /// Random losses of every kind, against a model that knows them.
  @Test(arguments: 0..<25 as Range<UInt64>)
  func `every planted loss is found and nothing else`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let count = generator.below(250)
    let kinds = ["twin", "skip", "bad", "", "", ""]
    let old = (0..<count).map { VerifyScene.item($0, kinds[generator.below(kinds.count)]) }
    let scene = try await VerifyScene(backfilled: old, itemsInPage: 1 + generator.below(20))
    var expected: [String] = []
    var lost = 0
    for (number, item) in old.enumerated() {
      if item["bad"] != nil { expected.append("unconvertible u-\(number)") }
      guard item["bad"] == nil && item["skip"] == nil else { continue }
      for twin in [false, true] where (!twin || item["twin"] != nil) && generator.below(5) == 0 {
        scene.engine.change { $0.delete(VerifyScene.newKey(number, twin: twin), in: "new") }
        expected.append("missing u-\(number)")
        lost += 1
      }
    }
    let result = try await scene.verify(segments: 1 + generator.below(12))
    #expect(try scene.findings() == expected.sorted(), "seed \(seed)")
    #expect(result.missing == lost && result.unconvertible == expected.count - lost, "seed \(seed)")
    #expect(result.verdict == (expected.isEmpty ? .clean : .findings), "seed \(seed)")
    #expect(result.oldIDs - result.missing == result.newIDs - result.extra, "seed \(seed)")
  }

  @Test(arguments: ["created before the recheck", "created between the reads", "deleted in OLD", "skipped in OLD", "still lost"])
  func `what moves while the scans pass is no false alarm`(event: String) async throws {
    let scene = try await VerifyScene(backfilled: (0..<40).map { VerifyScene.item($0) })
    let key = VerifyScene.newKey(17)
    scene.engine.change { $0.delete(key, in: "new") }
    scene.engine.follow { call, service in
      // The scans are over when the first item is read; index 0 in OLD is the read between the two of NEW.
      switch (event, call.operation, call.table) {
      case ("created before the recheck", "GetItem", "new"): service.put(key, in: "new")
      case ("created between the reads", "GetItem", "old"): service.put(key, in: "new")
      case ("deleted in OLD", "GetItem", "new"): service.delete(["id": .string("u-17")], in: "old")
      case ("skipped in OLD", "GetItem", "new"): service.put(VerifyScene.item(17, "skip"), in: "old")
      default: break
      }
      return nil
    }
    let result = try await scene.verify()
    #expect(result.rechecked == 1 && result.missing == (event == "still lost" ? 1 : 0))
    #expect(try scene.findings() == (event == "still lost" ? ["missing u-17"] : []))
  }

  @Test func `a backfill that runs beside it raises no false alarm`() async throws {
    let old = (0..<200).map { VerifyScene.item($0) }
    let scene = try await VerifyScene(old: old, new: [])
    scene.engine.follow { call, service in
      // Each page of OLD that is scanned, the backfill is a little further; it ends before the last suspect is read.
      if call.operation == "Scan" && call.table == "old" {
        for number in (call.index * 3)..<(call.index * 3 + 3) where number < 200 { service.put(VerifyScene.newKey(number), in: "new") }
      } else if call.operation == "GetItem" {
        for number in 0..<200 { service.put(VerifyScene.newKey(number), in: "new") }
      }
      return nil
    }
    let result = try await scene.verify()
    #expect(result.verdict == .clean && result.rechecked > 0 && result.oldIDs == 200)
  }

  @Test(arguments: 0..<12 as Range<UInt64>)
  func `interrupted and broken off anywhere, it ends as if nothing had been`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let old = (0..<150).map { VerifyScene.item($0, $0 % 30 == 4 ? "bad" : "") }
    let scene = try await VerifyScene(backfilled: old)
    for number in [3, 77, 149] { scene.engine.change { $0.delete(VerifyScene.newKey(number), in: "new") } }
    var result: VerifyResult?
    for _ in 0..<1_000 where result?.verdict == nil {
      let fuse = Atomic<Int>(1 + generator.below(25))
      let stop = StopSignal()
      let isStop = generator.below(2) == 0
      scene.engine.follow { call, _ in
        guard call.operation != "DescribeTable", fuse.subtract(1, ordering: .relaxed).newValue == 0 else { return nil }
        if isStop { stop.request(.interrupted) }
        return isStop ? nil : .service("AccessDeniedException", "words")
      }
      do throws(VerifyError) {
        result = try await scene.verify(stop: stop)
      } catch {
        #expect(error.code == .service && error.message.contains("AccessDenied"))
      }
    }
    #expect(result?.missing == 3 && result?.unconvertible == 5 && result?.oldIDs == 145 && result?.newIDs == 142, "seed \(seed)")
    let expected = [3, 77, 149].map { "missing u-\($0)" } + [4, 34, 64, 94, 124].map { "unconvertible u-\($0)" }
    #expect(try scene.findings() == expected.sorted(), "seed \(seed)")
  }

  @Test func `ids that can't be read are undecided, which is not clean`() async throws {
    let scene = try await VerifyScene(backfilled: (0..<30).map { VerifyScene.item($0) })
    for number in [3, 4] { scene.engine.change { $0.delete(VerifyScene.newKey(number), in: "new") } }
    scene.engine.follow { call, _ in call.operation == "GetItem" ? .service("ProvisionedThroughputExceededException", "words") : nil }
    let result = try await scene.verify()
    #expect(result.undecided == 2 && result.missing == 0 && result.verdict == .undecided)
    #expect(try scene.findings() == ["undecided u-3", "undecided u-4"])
  }

  @Test func `an outage during the recheck stops it with the cause`() async throws {
    let scene = try await VerifyScene(old: (0..<400).map { VerifyScene.item($0) }, new: [])
    scene.engine.follow { call, _ in call.operation == "GetItem" ? .service("InternalServerError", "words", status: 500) : nil }
    let error = await #expect(throws: VerifyError.self) { _ = try await scene.verify() }
    #expect(error?.code == .service)
    #expect(scene.engine.requestCount("GetItem", on: "new") < 400)
  }

  @Test func `a spill file that lost ids is never clean`() async throws {
    let scene = try await VerifyScene(backfilled: (0..<50).map { VerifyScene.item($0) })
    let stop = StopSignal()
    scene.engine.follow { call, _ in
      if call.operation == "Scan" && call.index == 2 { stop.request(.interrupted) }
      return nil
    }
    #expect(try await scene.verify(stop: stop).verdict == nil)
    scene.engine.follow(nil)
    let name = try #require(scene.directory.names("verify").first { $0.hasPrefix("old.") && $0.hasSuffix(".ids") })
    try scene.directory.write("verify/\(name)", [])
    let error = await #expect(throws: VerifyError.self) { _ = try await scene.verify() }
    #expect(error?.code == .state && error?.message.contains("holds fewer ids than were scanned") == true)
  }

  @Test func `what another boot left is not believed`() async throws {
    let scene = try await VerifyScene(backfilled: (0..<50).map { VerifyScene.item($0) })
    let stop = StopSignal()
    scene.engine.follow { call, _ in
      if call.operation == "Scan" && call.index == 2 { stop.request(.interrupted) }
      return nil
    }
    _ = try await scene.verify(stop: stop)
    let manifest = String(decoding: try scene.directory.bytes("verify/manifest.json"), as: UTF8.self)
    let other = manifest.replacing("boot ", with: "boot x")
    #expect(other != manifest)
    try scene.directory.write("verify/manifest.json", Array(other.utf8))
    for name in scene.directory.names("verify") where name.hasSuffix(".ids") { try scene.directory.write("verify/\(name)", []) }
    scene.engine.follow(nil)
    #expect(try await scene.verify().verdict == .clean)
  }

  @Test(arguments: ["no table", "another key", "one table"])
  func `tables that don't fit are refused before anything is read`(what: String) async throws {
    let scene = try await VerifyScene(old: [VerifyScene.item(1)], new: [])
    if what != "one table" { _ = try await scene.client.deleteTable(DeleteTableInput(tableName: what == "no table" ? "old" : "new")) }
    if what == "another key" {
      _ = try await scene.client.createTable(CreateTableInput(tableName: "new", keys: KeySchema(hash: .init("pk", .string))))
    }
    var configuration = Verification.Configuration(
      old: .init(client: scene.client, table: "old"), new: .init(client: scene.client, table: what == "one table" ? "old" : "new"),
      mapping: TestMapping(), stateDirectory: "\(scene.directory.path)/verify", seed: 7)
    configuration.patience = .milliseconds(1)
    let error = await #expect(throws: VerifyError.self) {
      _ = try await Verification(configuration).run(stop: StopSignal()) { _ in }
    }
    #expect(error?.code == (what == "no table" ? .service : .unsuitable))
    #expect(scene.engine.requestCount("Scan", on: "old") == 0 && scene.engine.requestCount("Scan", on: "new") == 0)
    #expect(scene.directory.names("verify") == [])
  }
}
