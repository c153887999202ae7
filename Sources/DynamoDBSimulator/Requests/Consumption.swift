internal import DynamoDBModel

/// The capacity units that a request took from one table and its indexes.
struct Consumption: Sendable {
  let table: String
  /// Of the table itself.
  private(set) var units = 0.0
  private(set) var global: [(name: String, units: Double)] = []
  private(set) var local: [(name: String, units: Double)] = []

  init(table: String) { self.table = table }

  var total: Double { global.reduce(local.reduce(units) { $0 + $1.units }) { $0 + $1.units } }

  mutating func add(_ units: Double) { self.units += units }

  mutating func add(_ units: Double, index: IndexDefinition) {
    if index.isGlobal { Self.add(units, index.name, to: &global) } else { Self.add(units, index.name, to: &local) }
  }

  private static func add(_ units: Double, _ name: String, to list: inout [(name: String, units: Double)]) {
    if let place = list.firstIndex(where: { $0.name == name }) { list[place].units += units } else { list.append((name, units)) }
  }

  /// As `ConsumedCapacity` says it; nil if nobody wants to know.
  ///
  /// - Parameter detail: which further member says the units again, as in a transaction: `ReadCapacityUnits`, `WriteCapacityUnits`.
  func json(_ choice: ReturnChoices.Capacity, detail: String? = nil) -> JSONValue? {
    func units(_ value: Double) -> [JSONValue.Member] {
      [.init("CapacityUnits", .units(value))] + (detail.map { [.init($0, .units(value))] } ?? [])
    }
    func all(_ list: [(name: String, units: Double)]) -> JSONValue { .object(list.map { .init($0.name, .object(units($0.units))) }) }
    guard choice != .none else { return nil }
    var members: [JSONValue.Member] = [.init("TableName", .string(table))] + units(total)
    guard choice == .indexes else { return .object(members) }
    members.append(.init("Table", .object(units(self.units))))
    if !global.isEmpty { members.append(.init("GlobalSecondaryIndexes", all(global))) }
    if !local.isEmpty { members.append(.init("LocalSecondaryIndexes", all(local))) }
    return .object(members)
  }
}

// As a snapshot keeps it, for a transaction that is repeated.
extension Consumption {
  var json: JSONValue {
    func list(_ units: [(name: String, units: Double)]) -> JSONValue {
      .array(units.map { .array([.string($0.name), .number("\($0.units)")]) })
    }
    return .object([
      .init("table", .string(table)), .init("units", .number("\(units)")), .init("global", list(global)), .init("local", list(local)),
    ])
  }

  init?(json: JSONValue) {
    guard let table = json["table"]?.string, let units = json["units"]?.double else { return nil }
    func list(_ json: JSONValue?) -> [(name: String, units: Double)] {
      (json?.array ?? []).compactMap { pair in pair[0]?.string.flatMap { name in pair[1]?.double.map { (name, $0) } } }
    }
    self.init(table: table)
    self.units = units
    global = list(json["global"])
    local = list(json["local"])
  }
}
