import DynamoDBClient
import DynamoDBExpressions
import DynamoDBModel

/// One call of one worker's on one or several of a few keys, and what became of it.
struct TransactionRecord: Sendable {
  struct Action: Sendable {
    enum Change: Sendable {
      case put(Item)
      case update(String, AttributeMap)
      case delete
      case check
    }

    /// The key's place among the scene's keys.
    let key: Int
    let change: Change
    var condition: String?
    var conditionValues: AttributeMap?
    /// Of a write by itself.
    var token: String?
  }

  enum Call: Sendable {
    case read([Int])
    case write([Action])

    var hasToken: Bool { if case .write(let actions) = self { actions.contains { $0.token != nil } } else { false } }
  }

  enum Outcome: Sendable {
    case running
    case read([Item?])
    case committed
    /// Nothing happened, because the conditions of these actions were false of these items.
    case refused([(action: Int, item: Item?)])
    /// Nothing happened, and nothing was told of any item.
    case nothing
    /// It may have happened, or happen yet.
    case unknown
  }

  var call: Call
  /// When it began and ended: counts all beginnings and ends of a run.
  let began: Int
  var ended = Int.max
  var outcome = Outcome.running
}

extension TransactionRecord.Action {
  func holds(of item: Item?) -> Bool {
    guard let condition else { return true }
    guard let parsed = try? ConditionExpression(parsing: condition, values: conditionValues) else { return false }
    return parsed.evaluate(on: item)
  }

  /// The value after it.
  func apply(to before: Item?, key: Item) -> Item? {
    switch change {
    case .put(let item): item
    case .delete: nil
    case .check: before
    case .update(let text, let values):
      (try? UpdateExpression(parsing: text, values: values.isEmpty ? nil : values)).flatMap { try? $0.applied(to: before ?? key) }
    }
  }

  var values: AttributeMap? {
    var all = conditionValues ?? AttributeMap()
    if case .update(_, let values) = change { for (name, value) in values { all[name] = value } }
    return all.isEmpty ? nil : all
  }

  /// The action as part of a transaction; it asks for the item of a false condition.
  func transactItem(_ key: Item) -> TransactWriteItem {
    let action: TransactWriteItem.Action =
      switch change {
      case .put(let item): .put(item)
      case .update(let text, _): .update(key: key, updateExpression: text)
      case .delete: .delete(key: key)
      case .check: .conditionCheck(key: key)
      }
    return TransactWriteItem(
      tableName: "new", action: action, conditionExpression: condition, expressionAttributeValues: values,
      returnValuesOnConditionCheckFailure: .allOld)
  }
}
