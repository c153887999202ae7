import DynamoDBExpressions
import DynamoDBModel

/// Tables in memory that do what five operations ask, one request at a time: as much of the service as the repository's tests need.
struct TableEngine: Sendable {
  struct Table: Sendable {
    let keys: KeySchema
    var items: [Item: Item] = [:]

    init(_ keys: KeySchema, _ items: [Item] = []) {
      self.keys = keys
      for item in items { self.items[keys.key(of: item) ?? item] = item }
    }
  }

  var tables: [String: Table]
  /// False for an engine that sends no item along with a refusal.
  var refusalsCarryItems = true
  /// The table and keys that a batch leaves unprocessed, the next time they are asked for.
  var busy: [String: Set<Item>] = [:]

  mutating func execute(_ request: WireRequest) -> WireReply {
    do {
      switch request.operation {
      case "BatchGetItem": return try batch(request)
      case "GetItem", "PutItem", "UpdateItem", "DeleteItem":
        guard let table = tables[request.table] else { return .refusal("ResourceNotFoundException") }
        guard let key = request.item("Key") ?? request.item("Item").flatMap(table.keys.key(of:)), table.keys.key(of: key) == key else {
          return .refusal("ValidationException")
        }
        if request.operation == "GetItem" { return WireReply(body: try get(request, table.items[key])) }
        return try write(request, key, table.items[key])
      default: return .refusal("UnknownOperationException")
      }
    } catch {
      return .refusal("ValidationException")
    }
  }

  private func get(_ request: WireRequest, _ item: Item?) throws -> String {
    guard let item = try projected(request, item) else { return "{}" }
    return "{\"Item\":\(item)}"
  }

  private func projected(_ request: WireRequest, _ item: Item?) throws -> Item? {
    guard let item, let text = request.text("ProjectionExpression") else { return item }
    return try ProjectionExpression(parsing: text, names: request.names).project(item)
  }

  private mutating func batch(_ request: WireRequest) throws -> WireReply {
    var responses: [String] = []
    var unprocessed: [String] = []
    for (name, keys, part) in try request.batch() {
      guard let table = tables[name] else { return .refusal("ResourceNotFoundException") }
      guard Set(keys).count == keys.count, keys.count <= 100 else { return .refusal("ValidationException") }
      let late = busy.removeValue(forKey: name) ?? []
      let items = try keys.filter { !late.contains($0) }.compactMap { try projected(part, table.items[$0]) }
      responses.append("\"\(name)\":[\(items.map(\.description).joined(separator: ","))]")
      let rest = keys.filter { late.contains($0) }
      if !rest.isEmpty { unprocessed.append("\"\(name)\":{\"Keys\":[\(rest.map(\.description).joined(separator: ","))]}") }
    }
    return WireReply(
      body: "{\"Responses\":{\(responses.joined(separator: ","))},\"UnprocessedKeys\":{\(unprocessed.joined(separator: ","))}}")
  }

  private mutating func write(_ request: WireRequest, _ key: Item, _ before: Item?) throws -> WireReply {
    var attributes = try ExpressionAttributes(names: request.names, values: request.item("ExpressionAttributeValues"))
    let condition = try request.text("ConditionExpression").map { try ConditionExpression($0, &attributes) }
    let update = try request.text("UpdateExpression").map { try UpdateExpression($0, &attributes) }
    try attributes.checkAllUsed()
    guard condition?.evaluate(on: before) ?? true else {
      let wanted = refusalsCarryItems && request.text("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
      return .refusal("ConditionalCheckFailedException", item: wanted ? before : nil)
    }
    let after: Item? =
      switch request.operation {
      case "PutItem": request.item("Item")
      case "DeleteItem": nil
      default: try Self.apply(update, to: before ?? key)
      }
    tables[request.table]?.items[key] = after
    let returned: Item? =
      switch request.text("ReturnValues") {
      case "ALL_OLD": before
      case "ALL_NEW": after
      case "UPDATED_OLD": before.flatMap { update?.touched(of: $0) }
      case "UPDATED_NEW": after.flatMap { update?.touched(of: $0) }
      default: nil
      }
    return WireReply(body: returned.map { "{\"Attributes\":\($0)}" } ?? "{}")
  }

  /// An update of root attributes.
  static func apply(_ update: UpdateExpression?, to before: Item) throws -> Item {
    var item = before
    for assignment in update?.sets ?? [] {
      guard assignment.path.isRoot, let value = evaluate(assignment.value, before) else { throw Unsupported() }
      item[assignment.path.root] = value
    }
    for path in update?.removes ?? [] { item[path.root] = nil }
    for change in update?.adds ?? [] {
      guard let sum = add(before[change.path.root] ?? 0, change.value.value, sign: 1) else { throw Unsupported() }
      item[change.path.root] = sum
    }
    return item
  }

  private static func evaluate(_ value: UpdateExpression.Value, _ item: Item) -> AttributeValue? {
    switch value {
    case .path(let path): path.value(in: item)
    case .value(let value): value.value
    case .sum(let left, let right): evaluate(left, item).flatMap { left in evaluate(right, item).flatMap { add(left, $0, sign: 1) } }
    case .difference(let left, let right):
      evaluate(left, item).flatMap { left in evaluate(right, item).flatMap { add(left, $0, sign: -1) } }
    case .ifNotExists(let path, let value): path.value(in: item) ?? evaluate(value, item)
    case .listAppend(let left, let right):
      if case (.list(let left)?, .list(let right)?) = (evaluate(left, item), evaluate(right, item)) { .list(left + right) } else { nil }
    }
  }

  private static func add(_ left: AttributeValue, _ right: AttributeValue, sign: Int) -> AttributeValue? {
    guard let left = left.numberValue, let right = right.numberValue else { return nil }
    return (sign > 0 ? try? left.adding(right) : try? left.subtracting(right)).map { .number($0) }
  }

  struct Unsupported: Error {}
}

extension UpdateExpression {
  /// The root attributes that it writes, of an item; nil where it has none of them.
  fileprivate func touched(of item: Item) -> Item? {
    var part = Item()
    for path in targets { part[path.root] = item[path.root] }
    return part.isEmpty ? nil : part
  }
}
