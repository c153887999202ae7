internal import DualTableMapping
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import MigrationControl

/// Old keys that an operator gives up by name: lines as dead letters and `--keys-out` have them.
struct GivenUpKeys: Sendable {
  private struct Entry: Sendable, Hashable {
    let key: Item
    /// Where the line knows what the item would have become.
    let newKey: Item?
  }

  private let entries: [Entry]
  private let file: String

  /// Reads lines of JSON with an old key in `key` and, maybe, a new one in `newKey`.
  ///
  /// - Throws: naming the first line that isn't one.
  init(_ bytes: [UInt8], file: String, schema: KeySchema) throws(CommandError) {
    var entries: [Entry] = []
    var seen: Set<Item> = []
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      guard let entry = Self.entry(Array(line), schema) else {
        throw CommandError(
          "\(file), line \(number + 1), is no line of JSON with the old item's key in \"key\"; give lines as dead letters have them.")
      }
      if seen.insert(entry.key).inserted { entries.append(entry) }
    }
    self.entries = entries
    self.file = file
  }

  private static func entry(_ line: [UInt8], _ schema: KeySchema) -> Entry? {
    guard let json = try? JSONValue(parsing: line.span), let key = item(json["key"]), schema.key(of: key) == key else { return nil }
    return Entry(key: key, newKey: item(json["newKey"]))
  }

  private static func item(_ json: JSONValue?) -> Item? { json.flatMap { try? Item(wire: Array($0.text.utf8).span) } }

  /// Puts a tombstone for every new key that is known, where nothing is there, and says what was given up.
  ///
  /// - Throws: `CommandError` for a key that OLD doesn't hold: it may be a slip.
  func giveUp(old: TableSide, new: TableSide, mapping: any TableMapping, now: Int64) async throws -> StepFacts.GivenUp {
    // As verify does it: an item whose keys alone can be told has an id, and a tombstone can stand for it.
    let ids: any TableMapping = (mapping as? CompiledMapping)?.keysOnly.mapping ?? mapping
    var givenUp = StepFacts.GivenUp()
    for (number, entry) in entries.enumerated() {
      let input = GetItemInput(tableName: old.table, key: entry.key, consistentRead: true)
      guard let item = try await old.client.getItem(input).item else {
        throw CommandError("The old table holds no item for key \(number + 1) of \(file); take it out if it isn't meant.")
      }
      givenUp.keys += 1
      var newKeys: [Item] = []
      do throws(ConversionError) {
        newKeys = try ids.checkedConvert(item).compactMap { mapping.newSchema.key(of: $0) }
      } catch {
        givenUp.unconvertible += 1
        if let newKey = entry.newKey, (try? mapping.oldKey(for: newKey)) == entry.key { newKeys = [newKey] }
      }
      for key in newKeys { try await bury(key, new, mapping, now) }
    }
    return givenUp
  }

  private func bury(_ key: Item, _ new: TableSide, _ mapping: any TableMapping, _ now: Int64) async throws(DynamoDBError) {
    var tombstone = key
    tombstone[mapping.reservedAttribute] = .number(DynamoDBNumber(now))
    do {
      _ = try await new.client.putItem(
        PutItemInput(
          tableName: new.table, item: tombstone, conditionExpression: "attribute_not_exists(#hash)",
          expressionAttributeNames: ["#hash": mapping.newSchema.hash.name]))
    } catch {
      // Something is there: live or a tombstone, it reads alike in both phases.
      guard error.code == .conditionalCheckFailed else { throw error }
    }
  }
}
