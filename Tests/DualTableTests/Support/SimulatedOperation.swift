import DualTable
import DynamoDBClient
import DynamoDBExpressions
import DynamoDBModel

/// One call of one worker, as made up by the seed, and what it must do to a value.
struct SimulatedOperation: Sendable {
  enum Kind: Sendable {
    case get(consistent: Bool)
    case batchGet([Item])
    case put(Item)
    case update(String, AttributeMap)
    case delete
    /// A backfill's put of OLD's item.
    case backfill(Item)
  }

  let key: Item
  let kind: Kind
  var condition: String?
  var conditionValues: AttributeMap?
  var returnValues: ReturnValue?
  /// With it the operation lands once, whatever becomes of its answers.
  var token: String?
  /// A put or delete that goes as a batch.
  var isBatch = false

  var values: AttributeMap? {
    var all = conditionValues ?? AttributeMap()
    if case .update(_, let values) = kind { for (name, value) in values { all[name] = value } }
    return all.isEmpty ? nil : all
  }

  var isRead: Bool {
    switch kind {
    case .get, .batchGet: true
    default: false
    }
  }

  func holds(of item: Item?) -> Bool {
    guard let condition else { return true }
    return (try? ConditionExpression(parsing: condition, values: conditionValues))?.evaluate(on: item) ?? false
  }

  /// The value after the operation.
  func apply(to before: Item?) -> Item? {
    switch kind {
    case .put(let item): item
    case .delete: nil
    case .update(let text, let values):
      (try? UpdateExpression(parsing: text, values: values.isEmpty ? nil : values)).flatMap {
        try? $0.applied(to: before ?? key)
      }
    case .get, .batchGet, .backfill: before
    }
  }

  /// True if it must land no more than once, whatever becomes of its answers: landing twice would count twice, or it has a token.
  var landsOnce: Bool { if case .update(let text, _) = kind { token != nil || text.hasPrefix("ADD") } else { token != nil } }

  /// Makes one up; `serial` makes its values unlike any other's.
  static func random(_ keys: [Item], serial: Int, using random: inout SeededGenerator) -> SimulatedOperation {
    let key = keys.randomElement(using: &random) ?? [:]
    let number = AttributeValue.number(DynamoDBNumber(serial))
    var operation: SimulatedOperation
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1: return SimulatedOperation(key: key, kind: .get(consistent: random.one(in: 2)))
    case 2: return SimulatedOperation(key: key, kind: .batchGet(keys))
    case 3, 4:
      var item = key
      item["v"] = number
      operation = SimulatedOperation(key: key, kind: .put(item))
    case 5: operation = SimulatedOperation(key: key, kind: .update("SET v = :x", [":x": number]))
    case 6: operation = SimulatedOperation(key: key, kind: .update("SET w = :x", [":x": number]))
    case 7: operation = SimulatedOperation(key: key, kind: .update("ADD n :x", [":x": 1]))
    default: operation = SimulatedOperation(key: key, kind: .delete)
    }
    switch Int.random(in: 0..<8, using: &random) {
    case 0: operation.condition = "attribute_exists(id)"
    case 1: operation.condition = "attribute_not_exists(id)"
    case 2:
      operation.condition = "v = :old"
      operation.conditionValues = [":old": 1]
    case 3:
      operation.condition = "v <> :old"
      operation.conditionValues = [":old": 1]
    case 4: operation.condition = "attribute_not_exists(w) OR n > v"
    default: break
    }
    switch Int.random(in: 0..<5, using: &random) {
    case 0: operation.returnValues = .allOld
    case 1: if case .update = operation.kind { operation.returnValues = .allNew }
    case 2: operation.token = "token \(serial)"
    default: if case .update = operation.kind {} else { operation.isBatch = operation.condition == nil && random.one(in: 2) }
    }
    return operation
  }
}
