internal import DynamoDBModel

// A table's definition as a snapshot keeps it.
extension SimulatedTable {
  var json: JSONValue {
    .members([
      ("name", .string(name)), ("arn", .string(definition.arn)), ("id", .string(definition.id)), ("created", .whole(definition.created)),
      ("keys", definition.schema.json), ("attributes", .array(definition.attributes.map(\.json))),
      ("isOnDemand", .bool(definition.isOnDemand)), ("onDemandSince", definition.onDemandSince.map { .whole($0) }),
      ("throughput", definition.throughput.json), ("onDemandThroughput", definition.onDemandThroughput),
      ("warmThroughput", definition.warmThroughput), ("tableClass", definition.tableClass.map { .string($0) }),
      ("isProtected", .bool(definition.isProtected)), ("stream", definition.stream), ("encryption", definition.encryption),
      ("tags", .array(definition.tags.map { .array([.string($0.key), .string($0.value)]) })),
      ("policy", definition.policy.map { .array([.string($0.text), .string($0.revision)]) }),
      ("status", .string(definition.change.status.rawValue)), ("until", .whole(definition.change.until)),
      ("timeToLive", definition.timeToLive.attribute.map { .string($0) }), ("isExpiring", .bool(definition.timeToLive.isEnabled)),
      ("settledAt", .whole(definition.timeToLive.settledAt)), ("indexes", .array(indexes.map(\.json))),
    ])
  }

  /// Makes a table without items; nil where something is missing.
  init?(json: JSONValue) {
    guard let name = json["name"]?.string, let arn = json["arn"]?.string, let id = json["id"]?.string, let created = json["created"]?.long,
      let schema = json["keys"].flatMap(KeySchema.init(json:)), let throughput = json["throughput"].flatMap(Throughput.init(json:)),
      let isOnDemand = json["isOnDemand"]?.bool, let status = json["status"]?.string.flatMap(TableDefinition.Status.init(rawValue:)),
      let until = json["until"]?.long, let settledAt = json["settledAt"]?.long
    else { return nil }
    var definition = TableDefinition(
      name: name, arn: arn, id: id, created: created, schema: schema,
      attributes: (json["attributes"]?.array ?? []).compactMap(KeySchema.Attribute.init(json:)), isOnDemand: isOnDemand,
      throughput: throughput, change: (status, until))
    definition.onDemandSince = json["onDemandSince"]?.long
    definition.onDemandThroughput = json["onDemandThroughput"]
    definition.warmThroughput = json["warmThroughput"]
    definition.tableClass = json["tableClass"]?.string
    definition.isProtected = json["isProtected"]?.bool ?? false
    definition.stream = json["stream"]
    definition.encryption = json["encryption"]
    definition.tags = (json["tags"]?.array ?? []).compactMap { pair in
      pair[0]?.string.flatMap { key in pair[1]?.string.map { (key, $0) } }
    }
    if let policy = json["policy"], let text = policy[0]?.string, let revision = policy[1]?.string {
      definition.policy = ResourcePolicy(text: text, revision: revision)
    }
    definition.timeToLive = TimeToLive(
      attribute: json["timeToLive"]?.string, isEnabled: json["isExpiring"]?.bool ?? false, settledAt: settledAt)
    var indexes: [(definition: IndexDefinition, activeAt: Int64)] = []
    for index in json["indexes"]?.array ?? [] {
      guard let definition = IndexDefinition(json: index), let activeAt = index["activeAt"]?.long else { return nil }
      indexes.append((definition, activeAt))
    }
    self.init(definition, indexes: indexes.map(\.definition))
    for (number, index) in indexes.enumerated() { self.indexes[number].activeAt = index.activeAt }
  }
}

extension SimulatedIndex {
  fileprivate var json: JSONValue {
    let projection: JSONValue =
      switch definition.projection {
      case .all: .string("ALL")
      case .keysOnly: .string("KEYS_ONLY")
      case .include(let names): .array(names.map { .string($0) })
      }
    return .members([
      ("name", .string(name)), ("keys", definition.schema.json), ("projection", projection), ("isGlobal", .bool(definition.isGlobal)),
      ("throughput", definition.throughput.json), ("onDemandThroughput", definition.onDemandThroughput), ("activeAt", .whole(activeAt)),
    ])
  }
}

extension IndexDefinition {
  fileprivate init?(json: JSONValue) {
    guard let name = json["name"]?.string, let schema = json["keys"].flatMap(KeySchema.init(json:)), let projection = json["projection"],
      let isGlobal = json["isGlobal"]?.bool, let throughput = json["throughput"].flatMap(Throughput.init(json:))
    else { return nil }
    let included = projection.array.map { Projection.include($0.compactMap(\.string)) }
    self.init(
      name: name, schema: schema, projection: included ?? (projection.string == "ALL" ? .all : .keysOnly), isGlobal: isGlobal,
      throughput: throughput, onDemandThroughput: json["onDemandThroughput"])
  }
}

extension Throughput {
  fileprivate var json: JSONValue { .array([.whole(Int64(reads)), .whole(Int64(writes))]) }

  fileprivate init?(json: JSONValue) {
    guard let reads = json[0]?.integer, let writes = json[1]?.integer else { return nil }
    self.init(reads: reads, writes: writes)
  }
}

extension KeySchema {
  fileprivate var json: JSONValue { .array(attributes.map(\.json)) }

  fileprivate init?(json: JSONValue) {
    guard let hash = json[0].flatMap(Attribute.init(json:)) else { return nil }
    self.init(hash: hash, range: json[1].flatMap(Attribute.init(json:)))
  }
}

extension KeySchema.Attribute {
  fileprivate var json: JSONValue { .array([.string(name), .string(type.rawValue)]) }

  fileprivate init?(json: JSONValue) {
    guard let name = json[0]?.string, let type = json[1]?.string.flatMap(ScalarType.init(rawValue:)) else { return nil }
    self.init(name, type)
  }
}

extension JSONValue {
  /// An object without the members that are nil.
  fileprivate static func members(_ members: [(String, JSONValue?)]) -> JSONValue {
    .object(members.compactMap { name, value in value.map { Member(name, $0) } })
  }

  fileprivate static func whole(_ value: Int64) -> JSONValue { .number("\(value)") }

  fileprivate var long: Int64? { integer.map { Int64($0) } }
}
