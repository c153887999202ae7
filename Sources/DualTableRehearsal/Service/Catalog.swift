internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBModel

/// What registers are made by.
struct CatalogRules: Sendable {
  let mapping: any TableMapping
  /// The root attribute in which clients leave the value that they write.
  let mark: String

  /// - Parameter taken: names that items may have, so that the mark is none of them.
  init(_ mapping: any TableMapping, taken: [String]) {
    self.mapping = mapping
    var mark = "rehearsed"
    while taken.contains(mark) || mark == mapping.reservedAttribute { mark += "_" }
    self.mark = mark
  }

  private init(_ mapping: any TableMapping, mark: String) { (self.mapping, self.mark) = (mapping, mark) }

  /// What registers are made by on the way back.
  func inverted(by inverse: any TableMapping) -> CatalogRules { CatalogRules(inverse, mark: mark) }
}

/// The registers that the rehearsed service works with, and how the two tables store them.
///
/// A client's value stands in an attribute of its own. Whatever else an item holds must be what the mapping yields, at every read: an item
/// that lacks a part, or has another's, has no client's value.
struct Catalog: RegisterForms {
  let rules: CatalogRules
  let oldTable: String
  let newTable: String
  private(set) var registers: [Register] = []
  private var indices: [String: Int] = [:]
  /// Registers by the value of their partition key in NEW.
  private var partitions: [AttributeValue: [Int]] = [:]

  init(_ rules: CatalogRules, oldTable: String, newTable: String) {
    self.rules = rules
    self.oldTable = oldTable
    self.newTable = newTable
  }

  /// Adds a register; one whose name is taken is left out.
  mutating func add(_ register: Register) {
    guard indices[register.name] == nil, let hash = register.newKey[rules.mapping.newSchema.hash.name] else { return }
    indices[register.name] = registers.count
    partitions[hash, default: []].append(registers.count)
    registers.append(register)
  }

  /// The same registers on the way back, from NEW through the inverse mapping into another table.
  func returning(by inverse: any TableMapping, to table: String) -> Catalog {
    var catalog = Catalog(rules.inverted(by: inverse), oldTable: newTable, newTable: table)
    for register in registers { if let register = Register(returning: register, by: catalog.rules) { catalog.add(register) } }
    return catalog
  }

  subscript(name: String) -> Register {
    guard let index = indices[name] else { preconditionFailure("clients know registers from here") }
    return registers[index]
  }

  /// The registers in a partition of NEW.
  func registers(at hash: AttributeValue) -> [Register] { partitions[hash]?.map { registers[$0] } ?? [] }

  /// True if clients use this key of NEW.
  func hasRegister(_ key: Item) -> Bool { register(of: key) != nil }

  /// The register of an item of NEW's, if it is one's.
  func register(of item: Item) -> Register? {
    guard let key = rules.mapping.newSchema.key(of: item), let hash = key[rules.mapping.newSchema.hash.name] else { return nil }
    return partitions[hash]?.lazy.map { registers[$0] }.first { $0.newKey == key }
  }

  // MARK: What clients write and read

  func newKey(_ name: String) -> Item { self[name].newKey }

  // A key that the mapping can't lead back has no item in OLD.
  func isInOld(_ name: String) -> Bool { true }

  func newValue(_ item: Item?, of name: String) -> String? {
    let register = self[name]
    return value(item, register.newItem, register)
  }

  func oldValue(_ item: Item?, of name: String) -> String? {
    let register = self[name]
    return value(item, register.oldItem, register)
  }

  private func value(_ item: Item?, _ form: Item, _ register: Register) -> String? {
    guard var item else { return nil }
    let mark = item[rules.mark]
    item[rules.mark] = nil
    guard item == form else { return "(damaged)" }
    return mark.map { $0.stringValue ?? "(damaged)" } ?? register.initial ?? "(from nowhere)"
  }

  func newRequest(_ call: Call) -> RegisterWrite {
    let register = self[call.key]
    return request(call, newTable, register.newKey, register.newItem, hash: rules.mapping.newSchema.hash.name)
  }

  func oldRequest(_ call: Call) -> RegisterWrite? {
    let register = self[call.key]
    guard register.isMarkedByOld else { return nil }
    return request(call, oldTable, register.oldKey, register.oldItem, hash: rules.mapping.oldSchema.hash.name)
  }

  private func request(_ call: Call, _ table: String, _ key: Item, _ form: Item, hash: String) -> RegisterWrite {
    var condition: String?
    var names: [String: String] = [:]
    var values: AttributeMap = [:]
    switch call.operation {
    case .create: (condition, names["#h"]) = ("attribute_not_exists(#h)", hash)
    case .update: (condition, names["#h"]) = ("attribute_exists(#h)", hash)
    case .replace:
      (condition, names["#m"]) = ("#m = :e", rules.mark)
      values[":e"] = .string(call.expect ?? "")
    case .initial, .get, .put, .delete: break
    }
    let onRefusal: ReturnValuesOnConditionCheckFailure? = call.tellsResult && condition != nil ? .allOld : nil
    let returned: ReturnValue? = call.tellsResult ? .allOld : nil
    if call.operation == .delete { return .delete(DeleteItemInput(tableName: table, key: key, returnValues: returned)) }
    if call.isUpdateExpression {
      names["#m"] = rules.mark
      values[":v"] = .string(call.value ?? "")
      return .update(
        UpdateItemInput(
          tableName: table, key: key, updateExpression: "SET #m = :v", conditionExpression: condition, expressionAttributeNames: names,
          expressionAttributeValues: values, returnValues: returned, returnValuesOnConditionCheckFailure: onRefusal))
    }
    var item = form
    item[rules.mark] = .string(call.value ?? "")
    return .put(
      PutItemInput(
        tableName: table, item: item, conditionExpression: condition, expressionAttributeNames: names.isEmpty ? nil : names,
        expressionAttributeValues: values.isEmpty ? nil : values, returnValues: returned,
        returnValuesOnConditionCheckFailure: onRefusal))
  }
}
