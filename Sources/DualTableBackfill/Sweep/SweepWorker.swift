internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// Sweeps one segment's pages, one at a time: a page of tombstones in, a conditional delete for each.
struct SweepWorker {
  private let configuration: Sweep.Configuration
  private let control: PassControl
  private let names: [String: String]
  /// Read units an item takes, by the last page; before the first one, those of an item of 1 KB.
  private var unitsPerItem = 0.25

  init(_ configuration: Sweep.Configuration, _ control: PassControl) {
    self.configuration = configuration
    self.control = control
    var names = ["#mark": configuration.reserved]
    for (number, attribute) in configuration.keys.attributes.enumerated() { names["#k\(number)"] = attribute.name }
    self.names = names
  }

  /// Sweeps a page and says what it came to; nil if the run was asked to stop before it was done, which leaves it to the next one.
  mutating func sweep(_ next: SegmentPage) async throws -> PassCheckpoint.Outcome? {
    guard let page = try await read(next) else { return nil }
    var counts = PassCounts()
    counts[.pages] = 1
    counts[.scanned] = page.scannedCount
    counts[.tombstones] = page.items.count
    counts[.readMilliunits] = Self.milliunits(page.consumedCapacity)
    for item in page.items {
      guard let key = configuration.keys.key(of: item) else { continue }
      guard try await control.turn(control.write, 1, .writePace, on: configuration.new.client.clock) else { return nil }
      try await delete(key, &counts)
    }
    var end: [UInt8]?
    if let last = page.lastEvaluatedKey {
      var bytes = ByteBuffer()
      last.encode(into: &bytes)
      end = (0..<bytes.count).map { bytes[$0] }
    }
    return PassCheckpoint.Outcome(lastEvaluatedKey: end, counts: counts)
  }

  /// Reads a page consistently, so that no tombstone is missed that was put right before; its filter doesn't make it cheaper.
  private mutating func read(_ next: SegmentPage) async throws -> ScanOutput? {
    // A tenth of a second's budget at most, so that the pace stays even.
    let limit = control.read.status.limit.map { max(1, Int($0 / 10 / unitsPerItem)) }
    let expected = limit.map { Double($0) * unitsPerItem } ?? 0
    guard try await control.turn(control.read, expected, .readPace, on: configuration.new.client.clock) else { return nil }
    let keys = configuration.keys.attributes.indices.map { "#k\($0)" }.joined(separator: ", ")
    let page = try await configuration.new.client.scan(
      ScanInput(
        tableName: configuration.new.table, exclusiveStartKey: try next.exclusiveStartKey.map { try Item(wire: $0.span) }, limit: limit,
        segment: next.segment, totalSegments: next.totalSegments, consistentRead: true, filterExpression: "attribute_exists(#mark)",
        projectionExpression: keys, expressionAttributeNames: names, returnConsumedCapacity: .total),
      options: CallOptions(retry: .bulk(deadline: configuration.patience)))
    let units = page.consumedCapacity?.capacityUnits ?? expected
    control.read.charge(units - expected)
    if page.scannedCount > 0 { unitsPerItem = max(0.01, units / Double(page.scannedCount)) }
    return page
  }

  private func delete(_ key: Item, _ counts: inout PassCounts) async throws {
    do throws(DynamoDBError) {
      let output = try await configuration.new.client.deleteItem(
        DeleteItemInput(
          tableName: configuration.new.table, key: key, conditionExpression: "attribute_exists(#mark)",
          expressionAttributeNames: ["#mark": configuration.reserved], returnConsumedCapacity: .total),
        options: CallOptions(retry: .bulk(deadline: configuration.patience)))
      counts[.writeMilliunits] += Self.milliunits(output.consumedCapacity)
      counts[.deleted] += 1
    } catch {
      // The service has put an item in its place, or it is gone: by an earlier try of this very request, or by another sweep.
      guard error.code == .conditionalCheckFailed else { throw error }
      // A refusal costs a unit, too, and says nothing of it.
      counts[.writeMilliunits] += 1_000
    }
  }

  private static func milliunits(_ capacity: ConsumedCapacity?) -> Int { Int(((capacity?.capacityUnits ?? 0) * 1_000).rounded()) }
}
