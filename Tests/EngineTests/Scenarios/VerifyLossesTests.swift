import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import Glibc
import TestSupport
import Testing

/// The verifier as a process against served engines: losses of five kinds, killed on the way, repaired, and clean in the end.
@Suite(.serialized, .enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(15))) struct VerifyLossesTests {
  @Test(arguments: Engine.served) func `planted losses are found, mended and gone, whatever was killed on the way`(_ engine: Engine)
    async throws
  {
    let (count, each) = engine.name == "dynoxide" ? (20_000, 200) : (500, 5)
    let folder = TemporaryDirectory()
    let tool = Tool(engine: engine, folder: folder)
    let bytes = Array(try Tool.text(of: Tool.mapping("orders.yaml")).utf8)
    let scene = LossScene(count: count, each: each, mapping: try CompiledMapping(yaml: bytes, file: "orders.yaml"))
    try await engine.withClient(retry: .bulk()) { client in
      for (table, keys) in [("loss-old", scene.mapping.oldSchema), ("loss-new", scene.mapping.newSchema)] {
        _ = try? await client.deleteTable(DeleteTableInput(tableName: table))
        try await client.wait(for: .gone, of: table, policy: .quick)
        _ = try await client.createTable(CreateTableInput(tableName: table, keys: keys))
        try await client.wait(for: .active, of: table, policy: .quick)
      }
      let expected = try await scene.fill(client, old: "loss-old", new: "loss-new")
      let verify = [
        "verify", "--offline", "--content", "--old", "loss-old", "--new", "loss-new", "--mapping", Tool.mapping("orders.yaml"), "--state",
        "\(folder.path)/state", "--keys-out", "\(folder.path)/keys.jsonl", "--segments", "64", "--open-segments", "2", "--json",
      ]
      // Killed once some of the ids have been spilled, and again once there are more.
      var kills = 0
      for share in [1, 2] {
        let killed = try await tool.run(verify) { Self.spilled("\(folder.path)/state/verify") > share * count * 8 }
        if killed.status == nil { kills += 1 }
        #expect(killed.status != 0, "clean, although ids are missing: \(killed.output)")
      }
      #expect(kills == 2 || engine.name != "dynoxide", "it was done before it was killed")

      let found = try await tool.run(verify + ["--repair"])
      #expect(found.status == 1, "\(found.output)\(found.errors)")
      #expect(try folder.findings("keys.jsonl") == expected.sorted())
      let json = try found.json()
      #expect(json["missing"]?.integer == 3 * each && json["repaired"]?.integer == 3 * each)
      #expect(json["differing"]?.integer == each && json["unconvertible"]?.integer == each && json["undecided"]?.integer == 0)

      let again = try await tool.run(verify)
      #expect(again.status == 1, "\(again.output)\(again.errors)")
      #expect(try folder.findings("keys.jsonl") == expected.filter { !$0.hasPrefix("missing") }.sorted())
      try await scene.mend(client, old: "loss-old", new: "loss-new")
      let last = try await tool.run(verify)
      #expect(last.status == 0, "\(last.output)\(last.errors)")
      #expect(try folder.findings("keys.jsonl") == [])
      for table in ["loss-old", "loss-new"] { _ = try await client.deleteTable(DeleteTableInput(tableName: table)) }
    }
  }

  /// Bytes in spill files.
  private static func spilled(_ directory: String) -> Int {
    var total = 0
    for partition in 0..<16 {
      for side in ["old", "new"] {
        var status = stat()
        if unsafe stat("\(directory)/\(side).\(partition).ids", &status) == 0 { total += Int(status.st_size) }
      }
    }
    return total
  }
}

extension TemporaryDirectory {
  /// Lines of a file of keys: reason and old id, in order.
  fileprivate func findings(_ name: String) throws -> [String] {
    try text(name).split(separator: "\n").map { line in
      let json = try JSONValue(parsing: Array(line.utf8).span)
      return "\(json["reason"]?.string ?? "?") \(json["key"]?["orderId"]?["S"]?.string ?? "?")"
    }.sorted()
  }
}

/// Orders in both tables, with losses in the new one.
private struct LossScene: Sendable {
  enum Loss: Int, CaseIterable { case removed, misKeyed, halfFannedOut, changed, unconvertible }

  let count: Int
  /// Losses of each kind.
  let each: Int
  let mapping: CompiledMapping

  func loss(_ number: Int) -> Loss? {
    let distance = count / (each * Loss.allCases.count)
    return number % distance == 0 ? Loss(rawValue: number / distance % Loss.allCases.count) : nil
  }

  func order(_ number: Int, isMended: Bool = false) -> Item {
    let isBad = !isMended && loss(number) == .unconvertible
    return [
      "orderId": .string("o-\(number)"), "customerId": .string("c-\(number % 97)"),
      "placed": isBad ? .string("yesterday") : .number(DynamoDBNumber(1_700_000_000_000 + number)),
      "lines": .list([.map(["sku": .string("s"), "qty": .string("\(number % 9)")])]),
    ]
  }

  /// What the new table holds of an order.
  private func results(_ number: Int) throws -> [Item] {
    if loss(number) == .unconvertible { return [] }
    var results = try mapping.convert(order(number))
    switch loss(number) {
    case .removed: results.removeAll { $0["sk"] != .string("META") }
    case .misKeyed: results[0]["pk"] = .string("CUSTOMER#nobody")
    case .halfFannedOut: results.removeAll { $0["sk"] == .string("META") }
    case .changed: results[0]["lines"] = .list([])
    case .unconvertible, nil: break
    }
    return results
  }

  /// Fills both tables; returns what is to be found.
  func fill(_ client: DynamoDBClient, old: String, new: String) async throws -> [String] {
    try await put((0..<count).map { order($0) }, client, old)
    try await put((0..<count).flatMap { try results($0) }, client, new)
    return (0..<count).compactMap { number in
      loss(number).map { "\($0 == .changed ? "differing" : $0 == .unconvertible ? "unconvertible" : "missing") o-\(number)" }
    }
  }

  /// Mends by hand what no repair may.
  func mend(_ client: DynamoDBClient, old: String, new: String) async throws {
    let bad = (0..<count).filter { loss($0) == .unconvertible || loss($0) == .changed }
    try await put(bad.map { order($0, isMended: true) }, client, old)
    try await put(bad.flatMap { try mapping.convert(order($0, isMended: true)) }, client, new)
  }

  private func put(_ items: [Item], _ client: DynamoDBClient, _ table: String) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<8 {
        group.addTask {
          for start in stride(from: worker * 250, to: items.count, by: 8 * 250) {
            let writes = items[start..<min(start + 250, items.count)].map { WriteRequest.put($0) }
            _ = try await client.batchWriteAllItems(BatchWriteItemInput(requestItems: [table: writes]))
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
