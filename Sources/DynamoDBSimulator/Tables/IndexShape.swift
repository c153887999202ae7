internal import DynamoDBModel

/// The key schema, projection and throughput of tables and indexes, as requests write them.
enum IndexShape {
  /// `AttributeDefinitions`, in order.
  static func attributes(_ json: JSONValue?, _ constraints: inout Constraints) throws(ServiceError) -> [KeySchema.Attribute] {
    var attributes: [KeySchema.Attribute] = []
    for (number, element) in try (json?.elements() ?? []).enumerated() {
      let member = "attributeDefinitions.\(number + 1).member"
      let name = try element.member("AttributeName")?.text()
      let type = try element.member("AttributeType")?.text()
      constraints.notNull(name != nil, "\(member).attributeName")
      constraints.notNull(type != nil, "\(member).attributeType")
      constraints.oneOf(type, "\(member).attributeType", ["B", "N", "S"])
      if let name, let type = type.flatMap(ScalarType.init(rawValue:)) { attributes.append(.init(name, type)) }
    }
    return attributes
  }

  /// A `KeySchema`: its names and key types.
  static func keys(
    _ json: JSONValue?, at member: String, _ constraints: inout Constraints
  ) throws(ServiceError) -> [(name: String, type: String)] {
    let elements = try json?.elements()
    constraints.notNull(elements != nil, member)
    if let elements { constraints.length(elements.count, elements.isEmpty ? "[]" : "[...]", member, 1, 2) }
    var keys: [(name: String, type: String)] = []
    for (number, element) in (elements ?? []).enumerated() {
      let name = try element.member("AttributeName")?.text()
      let type = try element.member("KeyType")?.text()
      constraints.notNull(name != nil, "\(member).\(number + 1).member.attributeName")
      constraints.notNull(type != nil, "\(member).\(number + 1).member.keyType")
      constraints.oneOf(type, "\(member).\(number + 1).member.keyType", ["HASH", "RANGE"])
      keys.append((name ?? "", type ?? ""))
    }
    return keys
  }

  static func throughput(
    _ json: JSONValue?, at member: String, _ constraints: inout Constraints
  ) throws(ServiceError) -> Throughput? {
    guard let json else { return nil }
    let writes = try json.member("WriteCapacityUnits")?.whole()
    let reads = try json.member("ReadCapacityUnits")?.whole()
    constraints.notNull(writes != nil, "\(member).writeCapacityUnits")
    constraints.range(writes, "\(member).writeCapacityUnits", 1)
    constraints.notNull(reads != nil, "\(member).readCapacityUnits")
    constraints.range(reads, "\(member).readCapacityUnits", 1)
    return Throughput(reads: reads ?? 0, writes: writes ?? 0)
  }

  /// The key with its types.
  static func schema(
    _ keys: [(name: String, type: String)], _ attributes: [KeySchema.Attribute]
  ) throws(ServiceError) -> KeySchema {
    let names = keys.map(\.name)
    if keys.count > attributes.count {
      throw .validation("Invalid KeySchema: Some index key attribute have no definition")
    }
    let found = names.compactMap { name in attributes.first { UTF8Text.equal($0.name, name) } }
    guard found.count == keys.count else {
      throw .invalidParameter(
        "Some index key attributes are not defined in AttributeDefinitions. Keys: [\(names.joined(separator: ", "))], "
          + "AttributeDefinitions: [\(attributes.map(\.name).joined(separator: ", "))]")
    }
    guard keys.count == 1 || names[0] != names[1] else {
      throw .validation("Both the Hash Key and the Range Key element in the KeySchema have the same name")
    }
    guard keys[0].type == "HASH" else {
      throw .validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    }
    guard keys.count == 1 || keys[1].type == "RANGE" else {
      throw .validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
    }
    return KeySchema(hash: found[0], range: found.count > 1 ? found[1] : nil)
  }
}

/// A secondary index that a request asks for, not judged yet.
struct IndexRequest {
  let name: String
  let isGlobal: Bool
  let throughput: Throughput?
  private let keys: [(name: String, type: String)]
  private let projectionType: String?
  private let included: [String]?
  private let onDemandThroughput: JSONValue?

  init(_ json: JSONValue, isGlobal: Bool, at member: String, _ constraints: inout Constraints) throws(ServiceError) {
    self.isGlobal = isGlobal
    let name = try json.member("IndexName")?.text()
    constraints.notNull(name != nil, "\(member).indexName")
    constraints.name(name, "\(member).indexName")
    self.name = name ?? ""
    keys = try IndexShape.keys(json.member("KeySchema"), at: "\(member).keySchema", &constraints)
    let projection = json.member("Projection")
    constraints.notNull(projection != nil, "\(member).projection")
    projectionType = try projection?.member("ProjectionType")?.text()
    constraints.oneOf(projectionType, "\(member).projection.projectionType", ["ALL", "INCLUDE", "KEYS_ONLY"])
    included = try projection?.member("NonKeyAttributes")?.elements().map { (json) throws(ServiceError) in try json.text() }
    if let included { constraints.length(included.count, "[]", "\(member).projection.nonKeyAttributes", 1, 20) }
    throughput =
      isGlobal ? try IndexShape.throughput(json.member("ProvisionedThroughput"), at: "\(member).provisionedThroughput", &constraints) : nil
    onDemandThroughput = isGlobal ? json.member("OnDemandThroughput") : nil
  }

  func definition(_ attributes: [KeySchema.Attribute], tableHash: String) throws(ServiceError) -> IndexDefinition {
    let schema = try IndexShape.schema(keys, attributes)
    if !isGlobal {
      guard schema.range != nil else {
        throw .invalidParameter("Index KeySchema does not have a range key for index: \(name)")
      }
      guard schema.hash.name == tableHash else {
        throw .invalidParameter(
          "Index KeySchema does not have the same leading hash key as table KeySchema for index: \(name). index hash key: "
            + "\(schema.hash.name), table hash key: \(tableHash)")
      }
    }
    let projection: IndexDefinition.Projection
    switch projectionType {
    case "ALL": projection = .all
    case "KEYS_ONLY": projection = .keysOnly
    case "INCLUDE":
      guard let included else {
        throw .invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
      }
      projection = .include(included)
    default: throw .invalidParameter("Unknown ProjectionType: null")
    }
    guard included == nil || projectionType == "INCLUDE" else {
      throw .invalidParameter("ProjectionType is \(projectionType ?? "null"), but NonKeyAttributes is specified")
    }
    return IndexDefinition(
      name: name, schema: schema, projection: projection, isGlobal: isGlobal, throughput: throughput ?? Throughput(),
      onDemandThroughput: onDemandThroughput)
  }
}
