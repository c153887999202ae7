internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

/// One write of one item, as a request or a part of one asks for it: what is made of the item, and under which condition.
struct ItemChange {
  enum Action {
    case put(StoredItem)
    case delete
    case update(UpdateExpression?, key: Item)
    /// Only the condition counts.
    case check
  }

  let action: Action
  let place: Place
  var condition: ConditionExpression?
  /// Whether a refusal brings the item that is in the way.
  var wantsItem = false

  /// What the change does to a table.
  ///
  /// - Throws: the refusal of a condition that doesn't hold, of an update that doesn't fit the item, of its result.
  func write(to table: SimulatedTable, _ workspace: inout Workspace) throws(ServiceError) -> SimulatedTable.Write {
    var found: StoredItem?
    if let condition {
      found = table[place]
      guard condition.evaluate(on: found?.item) else { throw .conditionFailed(wantsItem ? found : nil) }
    }
    switch action {
    case .put(let item): return table.write(item, at: place, &workspace)
    case .delete: return table.write(nil, at: place, &workspace)
    case .check: return SimulatedTable.Write(place: place, old: table[place], new: table[place])
    case .update(let update, let key):
      return table.write(try updated(by: update, table[place]?.item ?? key, table, &workspace), at: place, &workspace)
    }
  }

  private func updated(
    by update: UpdateExpression?, _ item: Item, _ table: SimulatedTable, _ workspace: inout Workspace
  ) throws(ServiceError) -> StoredItem {
    var bytes = ByteBuffer(capacity: 1_024)
    do throws(ExpressionError) {
      (try update?.applied(to: item) ?? item).encode(into: &bytes)
    } catch {
      throw ServiceError(error)
    }
    do {
      _ = try workspace.tape.read(bytes.span)
    } catch {
      throw try .value(error, JSONValue(of: bytes.span), isEarly: false)
    }
    _ = try table.place(ofItem: workspace.tape, bytes.span, &workspace.scratch)
    let stored = StoredItem(workspace.tape, bytes.span, &workspace.scratch)
    guard stored.size <= Item.largestSize else { throw .validation("Item size to update has exceeded the maximum allowed size") }
    return stored
  }

  /// Refuses an update of a key attribute.
  static func checkKeys(of table: SimulatedTable, _ update: UpdateExpression?) throws(ServiceError) {
    do {
      try update?.checkTargets(of: table.schema)
    } catch {
      throw ServiceError(error)
    }
  }
}
