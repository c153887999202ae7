import DualTableMapping
import DualTableRehearsal
import DynamoDBClient
import DynamoDBModel

/// How one of the two tables stores what a history calls a value: OLD nests it, and names its key otherwise.
enum Dialect: Sendable {
  case old, new

  static let mapping: CompiledMapping = {
    let yaml = """
      version: 1
      old: {hash: {id: S}}
      new: {hash: {user: S}}
      key: {user: {template: "u-{id}"}}
      attributes:
        v: p.v
        size: {was: string, type: number}
      rest: keep
      skip-when: {equals: {kind: test}}
      """
    guard let mapping = try? CompiledMapping(yaml: Array(yaml.utf8), file: "proof.yaml") else { preconditionFailure("it is a mapping") }
    return mapping
  }()

  var table: String { self == .old ? "old" : "new" }

  /// The key of NEW that a history calls `name`; OLD's without its prefix.
  func key(_ name: String) -> Item { self == .old ? ["id": .string(String(name.dropFirst(2)))] : ["user": .string(name)] }

  /// True if OLD can have an item of this key.
  static func isInOld(_ name: String) -> Bool { name.hasPrefix("u-") }

  func item(_ name: String, _ value: String) -> Item {
    var item = key(name)
    item["base"] = "of every item"
    if self == .old { item["p"] = .map(["v": .string(value)]) } else { item["v"] = .string(value) }
    return item
  }

  /// What a history calls the item's value. An item that is none of a client's has a value that is none's.
  func value(_ item: Item?) -> String? {
    guard let item else { return nil }
    return (self == .old ? item["p"]?.mapValue?["v"] : item["v"])?.stringValue ?? "(no value)"
  }

  private var hash: String { self == .old ? "id" : "user" }
  /// The attribute that an update sets: there on every item, so that nothing else is needed on an absent one.
  private var root: String { self == .old ? "p" : "v" }
  private func stored(_ value: String) -> AttributeValue { self == .old ? .map(["v": .string(value)]) : .string(value) }

  /// What an operation asks of this table.
  func request(_ call: Call) -> RegisterWrite {
    let key = key(call.key)
    let value = call.value ?? ""
    var condition: String?
    var names: [String: String] = [:]
    var values: AttributeMap = [:]
    switch call.operation {
    case .create: (condition, names["#h"]) = ("attribute_not_exists(#h)", hash)
    case .update: (condition, names["#h"]) = ("attribute_exists(#h)", hash)
    case .replace:
      (condition, names["#v"]) = ("#v = :e", root)
      values[":e"] = stored(call.expect ?? "")
    case .initial, .get, .put, .delete: break
    }
    let onRefusal: ReturnValuesOnConditionCheckFailure? = call.tellsResult && condition != nil ? .allOld : nil
    let returned: ReturnValue? = call.tellsResult ? .allOld : nil
    if call.operation == .delete {
      return .delete(DeleteItemInput(tableName: table, key: key, returnValues: returned))
    }
    guard call.isUpdateExpression else {
      return .put(
        PutItemInput(
          tableName: table, item: item(call.key, value), conditionExpression: condition,
          expressionAttributeNames: names.isEmpty ? nil : names, expressionAttributeValues: values.isEmpty ? nil : values,
          returnValues: returned, returnValuesOnConditionCheckFailure: onRefusal))
    }
    names["#v"] = root
    values[":v"] = stored(value)
    return .update(
      UpdateItemInput(
        tableName: table, key: key, updateExpression: "SET #v = :v", conditionExpression: condition, expressionAttributeNames: names,
        expressionAttributeValues: values, returnValues: returned, returnValuesOnConditionCheckFailure: onRefusal))
  }

}

/// Both dialects, as clients write and read them.
struct Dialects: RegisterForms {
  var newTable: String { Dialect.new.table }
  func newKey(_ name: String) -> Item { Dialect.new.key(name) }
  func isInOld(_ name: String) -> Bool { Dialect.isInOld(name) }
  func newValue(_ item: Item?, of name: String) -> String? { Dialect.new.value(item) }
  func oldValue(_ item: Item?, of name: String) -> String? { Dialect.old.value(item) }
  func newRequest(_ call: Call) -> RegisterWrite { Dialect.new.request(call) }
  func oldRequest(_ call: Call) -> RegisterWrite? { Dialect.old.request(call) }
}
