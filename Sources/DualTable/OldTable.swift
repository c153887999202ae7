internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBModel

/// OLD as the migration reads it: by NEW's keys, in NEW's format.
internal struct OldTable: Sendable {
  internal let client: DynamoDBClient
  internal let name: String
  internal let mapping: any TableMapping

  /// The key that OLD's item for `newKey` has; nil if no item of OLD yields that key.
  internal func key(for newKey: Item) throws(DualTableError) -> Item? {
    do { return try mapping.oldKey(for: newKey) } catch { throw .unconvertible(error) }
  }

  /// The item with this key that OLD's item yields; nil where there is none.
  internal func item(_ newKey: Item, consistent: Bool, _ context: OperationContext) async throws(DualTableError) -> Item? {
    guard let key = try key(for: newKey) else {
      context.observed?.read(.absent)
      return nil
    }
    let output: GetItemOutput
    do {
      output = try await client.getItem(
        GetItemInput(tableName: name, key: key, consistentRead: consistent), options: context.options(.read))
    } catch {
      throw .requestFailed(error)
    }
    let item = try output.item.flatMap { item throws(DualTableError) in
      try convert(item).first { mapping.newSchema.key(of: $0) == newKey }
    }
    context.oldWasRead(isFound: item != nil)
    return item
  }

  /// What the item of OLD yields.
  internal func convert(_ item: Item) throws(DualTableError) -> [Item] {
    do { return try mapping.checkedConvert(item) } catch { throw .unconvertible(error) }
  }
}
