internal import DynamoDBModel
internal import HTTPTransport

extension SimulatedService {
  mutating func createTable(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let shape = try CreateTableRequest(request)
    if let index = tables.index(of: shape.name) {
      let isGoing = tables[index].definition.change.status == .deleting
      throw .service("ResourceInUseException", "Table \(isGoing ? "is being deleted" : "already exists"): \(shape.name)")
    }
    var definition = shape.definition(
      arn: ResourceName(table: shape.name, index: nil).arn, id: makeID(), at: request.now)
    definition.change = (.creating, request.now + settings.settlingTime)
    tables.insert(SimulatedTable(definition, indexes: shape.indexes))
    guard let index = tables.index(of: shape.name) else { preconditionFailure("it was just put there") }
    return Self.answer("TableDescription", tables[index].json(at: request.now, as: .creating))
  }

  static func answer(_ name: StaticString, _ json: JSONValue) -> ByteBuffer {
    var body = AnswerBody(capacity: 1_024)
    body.add(name, json)
    return body.finish()
  }
}

/// A CreateTable request, judged.
struct CreateTableRequest {
  let name: String
  let indexes: [IndexDefinition]
  private let attributes: [KeySchema.Attribute]
  private let schema: KeySchema
  private let isOnDemand: Bool
  private let throughput: Throughput?
  private let tags: [(key: String, value: String)]
  private let isProtected: Bool
  private let tableClass: String?
  private let members: JSONValue

  init(_ request: borrowing ServiceRequest) throws(ServiceError) {
    var constraints = Constraints()
    members = try request.json()
    name = try SimulatedService.requiredTable(request, &constraints)
    attributes = try IndexShape.attributes(members.member("AttributeDefinitions"), &constraints)
    constraints.notNull(request.has("AttributeDefinitions"), "attributeDefinitions")
    let billingMode = try request.string("BillingMode")
    constraints.oneOf(billingMode, "billingMode", ["PROVISIONED", "PAY_PER_REQUEST"])
    throughput = try IndexShape.throughput(members.member("ProvisionedThroughput"), at: "provisionedThroughput", &constraints)
    let keys = try IndexShape.keys(members.member("KeySchema"), at: "keySchema", &constraints)
    tableClass = try request.string("TableClass")
    constraints.oneOf(tableClass, "tableClass", ["STANDARD", "STANDARD_INFREQUENT_ACCESS"])
    isProtected = try request.flag("DeletionProtectionEnabled") ?? false
    let local = try Self.indexes(request.list("LocalSecondaryIndexes"), "localSecondaryIndexes", isGlobal: false, &constraints)
    let global = try Self.indexes(request.list("GlobalSecondaryIndexes"), "globalSecondaryIndexes", isGlobal: true, &constraints)
    try constraints.check()
    isOnDemand = billingMode == "PAY_PER_REQUEST"
    try Self.checkThroughput(throughput, isOnDemand: isOnDemand)
    schema = try IndexShape.schema(keys, attributes)
    if local == nil && global == nil && keys.count != attributes.count {
      throw .invalidParameter(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
    }
    indexes = try Self.judge(local, global, attributes, schema, isOnDemand: isOnDemand)
    tags = try Tags.read(request.list("Tags") ?? [])
  }

  private static func indexes(
    _ list: [JSONValue]?, _ member: String, isGlobal: Bool, _ constraints: inout Constraints
  ) throws(ServiceError) -> [IndexRequest]? {
    guard let list else { return nil }
    var indexes: [IndexRequest] = []
    for (number, json) in list.enumerated() {
      indexes.append(try IndexRequest(json, isGlobal: isGlobal, at: "\(member).\(number + 1).member", &constraints))
    }
    return indexes
  }

  static func checkThroughput(_ throughput: Throughput?, isOnDemand: Bool) throws(ServiceError) {
    if isOnDemand && throughput != nil {
      throw .invalidParameter(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
    }
    guard !isOnDemand else { return }
    guard let throughput else {
      throw .invalidParameter("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
    }
    for (units, name) in [(throughput.reads, "ReadCapacityUnits"), (throughput.writes, "WriteCapacityUnits")]
    where units > 1_000_000_000_000 {
      throw .validation("Given value \(units) for \(name) is out of bounds")
    }
  }

  private static func judge(
    _ local: [IndexRequest]?, _ global: [IndexRequest]?, _ attributes: [KeySchema.Attribute], _ schema: KeySchema, isOnDemand: Bool
  ) throws(ServiceError) -> [IndexDefinition] {
    if let local {
      guard !local.isEmpty else { throw .invalidParameter("List of LocalSecondaryIndexes is empty") }
      guard schema.range != nil else {
        throw .invalidParameter(
          "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
      }
    }
    if let global, global.isEmpty { throw .invalidParameter("List of GlobalSecondaryIndexes is empty") }
    var definitions: [IndexDefinition] = []
    for index in (local ?? []) + (global ?? []) {
      let definition = try index.definition(attributes, tableHash: schema.hash.name)
      if index.isGlobal { try checkThroughput(of: index, isOnDemand: isOnDemand) }
      guard !definitions.contains(where: { $0.name == index.name }) else {
        throw .invalidParameter("Duplicate index name: \(index.name)")
      }
      definitions.append(definition)
    }
    if let local, local.count > 5 {
      throw .invalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5")
    }
    if let global, global.count > 20 {
      throw .invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of 20")
    }
    return definitions
  }

  static func checkThroughput(of index: IndexRequest, isOnDemand: Bool) throws(ServiceError) {
    if isOnDemand && index.throughput != nil {
      throw .invalidParameter(
        "ProvisionedThroughput should not be specified for index: \(index.name) when BillingMode is PAY_PER_REQUEST")
    }
    if !isOnDemand && index.throughput == nil {
      throw .invalidParameter("ProvisionedThroughput must be specified for index: \(index.name) when BillingMode is PROVISIONED")
    }
  }

  func definition(arn: String, id: String, at now: Int64) -> TableDefinition {
    TableDefinition(
      name: name, arn: arn, id: id, created: now, schema: schema, attributes: attributes, isOnDemand: isOnDemand,
      onDemandSince: isOnDemand ? now : nil, throughput: throughput ?? Throughput(),
      onDemandThroughput: members.member("OnDemandThroughput"), warmThroughput: members.member("WarmThroughput"), tableClass: tableClass,
      isProtected: isProtected, stream: members.member("StreamSpecification"), streamSince: now,
      encryption: members.member("SSESpecification"),
      tags: tags, change: (.active, now))
  }
}
