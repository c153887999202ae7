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
    // Nothing is left for the next run to stumble over, and for reports what it came to and how it went.
    #expect(scene.directory.names("verify") == ["lock", VerifyOutcome.file, RunSeries.file])
    let outcome = try #require(try VerifyOutcome.look(at: "\(scene.directory.path)/verify"))
    #expect(outcome.result == result && outcome.mapping == TestMapping().digest && !outcome.comparedContent)
    let samples = try #require(try RunSeries.look(at: "\(scene.directory.path)/verify")).samples
    #expect(samples.last?.counts[.ids] == 140 && samples.last?.newCounts?[.ids] == 144)
    #expect(samples.contains { $0.requests.reads.total > 0 })
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
      // The scans are over when the first item is read; the second read is OLD's, between the two of NEW.
      switch (event, call.operation, call.index) {
      case ("created before the recheck", "BatchGetItem", 0): service.put(key, in: "new")
      case ("created between the reads", "BatchGetItem", 1): service.put(key, in: "new")
      case ("deleted in OLD", "BatchGetItem", 0): service.delete(["id": .string("u-17")], in: "old")
      case ("skipped in OLD", "BatchGetItem", 0): service.put(VerifyScene.item(17, "skip"), in: "old")
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
      } else if call.operation == "BatchGetItem" {
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
    scene.engine.follow { call, _ in call.operation == "BatchGetItem" ? .service("ProvisionedThroughputExceededException", "words") : nil }
    let result = try await scene.verify()
    #expect(result.undecided == 2 && result.missing == 0 && result.verdict == .undecided)
    #expect(try scene.findings() == ["undecided u-3", "undecided u-4"])
  }

  @Test func `an outage during the recheck stops it with the cause`() async throws {
    let scene = try await VerifyScene(old: (0..<400).map { VerifyScene.item($0) }, new: [])
    scene.engine.follow { call, _ in call.operation == "BatchGetItem" ? .service("InternalServerError", "words", status: 500) : nil }
    let error = await #expect(throws: VerifyError.self) { _ = try await scene.verify() }
    #expect(error?.code == .service)
    #expect(scene.engine.requestCount("BatchGetItem") < 400)
  }

  @Test func `a spill file that lost ids is never clean`() async throws {
    let scene = try await VerifyScene(backfilled: (0..<50).map { VerifyScene.item($0) })
    scene.engine.change { $0.delete(VerifyScene.newKey(3), in: "new") }
    // Both tables have been scanned by the time a suspect is looked at.
    scene.engine.follow { call, _ in call.operation == "BatchGetItem" ? .service("AccessDeniedException", "words") : nil }
    await #expect(throws: VerifyError.self) { _ = try await scene.verify() }
    scene.engine.follow(nil)
    let names = scene.directory.names("verify").filter { $0.hasPrefix("old.") && $0.hasSuffix(".ids") }
    try #require(!names.isEmpty)
    for name in names { try scene.directory.write("verify/\(name)", []) }
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
      mapping: TestMapping(), stateDirectory: StatePath("\(scene.directory.path)/verify"), seed: 7)
    configuration.patience = .milliseconds(1)
    let error = await #expect(throws: VerifyError.self) {
      _ = try await Verification(configuration).run(stop: StopSignal()) { _ in }
    }
    #expect(error?.code == (what == "no table" ? .service : .unsuitable))
    #expect(scene.engine.requestCount("Scan", on: "old") == 0 && scene.engine.requestCount("Scan", on: "new") == 0)
    #expect(scene.directory.names("verify") == [])
  }

  @Test func `suspects are rechecked a hundred in a request, by consistent batches`() async throws {
    let old = (0..<250).map { VerifyScene.item($0, "twin") }
    let scene = try await VerifyScene(old: old, new: [])
    let result = try await scene.verify()
    #expect(result.rechecked == 500 && result.missing == 500)
    // 16 partitions have a last batch each at most: twice in NEW, and in OLD, by 25 whole items, once between.
    let requests = scene.engine.requestCount("BatchGetItem")
    #expect(requests >= 10 + 10 && requests <= 2 * 21 + 36, "\(requests)")
    #expect(scene.engine.requestCount("GetItem") == 0)
  }

  @Test func `--content: digest of the canonical converted item; truly different or superseded, listed apart`() async throws {
    var old = (0..<60).map { VerifyScene.item($0) }
    old[5]["v"] = .number((try? DynamoDBNumber("5.00")) ?? DynamoDBNumber(0))
    let scene = try await VerifyScene(backfilled: old)
    scene.engine.change { service in
      // The same number written otherwise, another value, an attribute more, what the service wrote, a tombstone, a lost item.
      for (number, more) in [
        (5, ["v": .number(DynamoDBNumber(5))]), (6, ["v": .number(DynamoDBNumber(66))]),
        (7, ["v": .number(DynamoDBNumber(7)), "more": .bool(true)]), (8, ["v": .null, "at": .number(DynamoDBNumber(1))]),
        (9, ["_dt": .number(DynamoDBNumber(1))]),
      ] as [(Int, Item)] {
        var item = VerifyScene.newKey(number)
        for (name, value) in more { item[name] = value }
        service.put(item, in: "new")
      }
      service.delete(VerifyScene.newKey(10), in: "new")
    }
    let result = try await scene.verify {
      $0.comparesContent = true
      $0.writtenAttribute = "at"
    }
    #expect(result.missing == 1 && result.differing == 2 && result.superseded == 1 && result.tombstones == 1 && result.rechecked == 4)
    #expect(result.verdict == .findings)
    #expect(try scene.findings() == ["differing u-6", "differing u-7", "missing u-10"])
    #expect(try scene.findings("keys.jsonl.superseded") == ["superseded u-8"])
    // Which attributes, by path and type; no value of theirs.
    let text = try scene.directory.text("keys.jsonl")
    #expect(text.contains(#""differences":[{"path":"v","expected":"N","found":"N"}]"#), "\(text)")
    #expect(text.contains(#""differences":[{"path":"more","found":"BOOL"}]"#), "\(text)")
    #expect(!text.contains("66"))
    // Without --content the same tables lack one id.
    let ids = try await scene.verify()
    #expect(ids.missing == 1 && ids.differing == 0 && ids.superseded == 0)
    #expect(try scene.findings() == ["missing u-10"])
  }

  @Test func `what the service writes while the verification looks is superseded`() async throws {
    let scene = try await VerifyScene(backfilled: (0..<40).map { VerifyScene.item($0) })
    var changed = VerifyScene.newKey(17)
    changed["v"] = .string("first")
    scene.engine.change { [changed] service in service.put(changed, in: "new") }
    scene.engine.follow { call, service in
      guard call.operation == "BatchGetItem" else { return nil }
      var item = VerifyScene.newKey(17)
      item["v"] = .string("second")
      service.put(item, in: "new")
      return nil
    }
    let result = try await scene.verify { $0.comparesContent = true }
    #expect(result.superseded == 1 && result.differing == 0 && result.verdict == .clean)
  }

  @Test func `differences are listed of the first items only`() async throws {
    let scene = try await VerifyScene(
      old: (0..<150).map { VerifyScene.item($0) }, new: (0..<150).map { VerifyScene.newKey($0) })
    let result = try await scene.verify { $0.comparesContent = true }
    #expect(result.differing == 150)
    let lines = try scene.directory.text("keys.jsonl").split(separator: "\n")
    #expect(lines.count == 150 && lines.count { $0.contains("differences") } == 100)
  }

  @Test func `--repair puts what is missing where nothing is, and a second verify is clean`() async throws {
    let old = (0..<80).map { VerifyScene.item($0, $0 % 2 == 0 ? "twin" : "") }
    let scene = try await VerifyScene(backfilled: old)
    scene.engine.change { service in
      for number in [3, 4, 6] { service.delete(VerifyScene.newKey(number), in: "new") }
      service.delete(VerifyScene.newKey(8, twin: true), in: "new")
    }
    // The service deletes one of them just before it is put again: its tombstone stands.
    var tombstone = VerifyScene.newKey(6)
    tombstone["_dt"] = .number(DynamoDBNumber(1))
    scene.engine.follow { [tombstone] call, service in
      if call.operation == "PutItem" && call.table == "new" { service.put(tombstone, in: "new") }
      return nil
    }
    let result = try await scene.verify { $0.repair = Repair() }
    scene.engine.follow(nil)
    #expect(result.missing == 3 && result.repaired == 3 && result.verdict == .findings)
    #expect(try scene.findings() == ["missing u-3", "missing u-4", "missing u-8"])
    #expect(try scene.directory.text("keys.jsonl").split(separator: "\n").allSatisfy { $0.contains(#""repaired":true"#) })
    let items = scene.engine.items(in: "new")
    #expect(items.contains(tombstone) && items.count == 120)
    #expect(try await scene.verify().verdict == .clean)
  }

  @Test func `room on the disk is estimated and checked before the start`() async throws {
    let scene = try await VerifyScene(backfilled: (0..<3_000).map { VerifyScene.item($0) }, itemsInPage: 500)
    let error = await #expect(throws: VerifyError.self) {
      _ = try await scene.verify { $0.freeBytes = { _ in 50_000 } }
    }
    #expect(error?.code == .state)
    #expect(
      error?.message.hasSuffix("which has 1 MB left: free some space or choose another directory.") == true, "\(error?.message ?? "")")
    // One look at the first items is all that was read.
    #expect(scene.engine.requestCount("Scan", on: "old") == 1 && scene.engine.requestCount("Scan", on: "new") == 0)
    #expect(try await scene.verify { $0.freeBytes = { _ in 500_000 } }.verdict == .clean)
  }
}
