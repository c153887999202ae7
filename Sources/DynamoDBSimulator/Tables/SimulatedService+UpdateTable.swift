internal import DynamoDBModel
internal import HTTPTransport

extension SimulatedService {
  mutating func updateTable(_ request: borrowing ServiceRequest, _ workspace: inout Workspace) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    let members = try request.json()
    let name = try Self.requiredTable(request, &constraints)
    let billingMode = try request.string("BillingMode")
    constraints.oneOf(billingMode, "billingMode", ["PROVISIONED", "PAY_PER_REQUEST"])
    let throughput = try IndexShape.throughput(members.member("ProvisionedThroughput"), at: "provisionedThroughput", &constraints)
    let attributes = try IndexShape.attributes(members.member("AttributeDefinitions"), &constraints)
    let tableClass = try request.string("TableClass")
    constraints.oneOf(tableClass, "tableClass", ["STANDARD", "STANDARD_INFREQUENT_ACCESS"])
    let changes = try IndexChange.list(request.list("GlobalSecondaryIndexUpdates") ?? [], &constraints)
    try constraints.check()
    try Self.checkAnyChange(request, hasIndexes: !changes.isEmpty)
    if billingMode == "PROVISIONED" && throughput == nil {
      throw .invalidParameter("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
    }
    guard let index = tables.index(of: name) else { throw .tableMissing(name) }
    try checkSettled(index, at: request.now)
    var table = tables[index]
    try table.setThroughput(throughput, billingMode, at: request.now)
    if !attributes.isEmpty { table.definition.attributes = table.definition.attributes.merging(attributes) }
    for change in changes {
      try table.apply(change, activeAt: request.now + settings.settlingTime, isOnDemand: table.definition.isOnDemand, &workspace)
    }
    if let isProtected = try request.flag("DeletionProtectionEnabled") { table.definition.isProtected = isProtected }
    if let tableClass { table.definition.tableClass = tableClass }
    table.definition.onDemandThroughput = members.member("OnDemandThroughput") ?? table.definition.onDemandThroughput
    table.definition.warmThroughput = members.member("WarmThroughput") ?? table.definition.warmThroughput
    if let stream = members.member("StreamSpecification") {
      table.definition.stream = stream
      table.definition.streamSince = request.now
    }
    table.definition.encryption = members.member("SSESpecification") ?? table.definition.encryption
    table.definition.change = (.updating, request.now + settings.settlingTime)
    tables[index] = table
    return Self.answer("TableDescription", table.json(at: request.now, as: .updating))
  }

  private static func checkAnyChange(_ request: borrowing ServiceRequest, hasIndexes: Bool) throws(ServiceError) {
    let members: [StaticString] = [
      "ProvisionedThroughput", "BillingMode", "StreamSpecification", "SSESpecification", "ReplicaUpdates", "DeletionProtectionEnabled",
      "TableClass", "OnDemandThroughput", "WarmThroughput",
    ]
    var isAny = hasIndexes
    for member in members where request.has(member) { isAny = true }
    guard isAny else {
      throw .validation(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or "
          + "ReplicaUpdates is required")
    }
  }
}

/// One of `GlobalSecondaryIndexUpdates`.
private enum IndexChange {
  case create(IndexRequest)
  case update(String, Throughput?, onDemand: JSONValue?)
  case delete(String)

  private var name: String {
    switch self {
    case .create(let index): index.name
    case .update(let name, _, _), .delete(let name): name
    }
  }

  static func list(_ list: [JSONValue], _ constraints: inout Constraints) throws(ServiceError) -> [IndexChange] {
    var changes: [IndexChange] = []
    for (number, json) in list.enumerated() {
      let member = "globalSecondaryIndexUpdates.\(number + 1).member"
      if let create = json.member("Create") {
        changes.append(.create(try IndexRequest(create, isGlobal: true, at: "\(member).create", &constraints)))
      } else if let update = json.member("Update") {
        let name = try name(update, "\(member).update.indexName", &constraints)
        let throughput = try IndexShape.throughput(
          update.member("ProvisionedThroughput"), at: "\(member).update.provisionedThroughput", &constraints)
        changes.append(.update(name, throughput, onDemand: update.member("OnDemandThroughput")))
      } else if let delete = json.member("Delete") {
        changes.append(.delete(try name(delete, "\(member).delete.indexName", &constraints)))
      } else {
        throw .invalidParameter(
          "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be "
            + "null")
      }
    }
    for (number, change) in changes.enumerated() where changes[..<number].contains(where: { $0.name == change.name }) {
      throw .invalidParameter("Only one global secondary index update per index is allowed simultaneously. Index: \(change.name)")
    }
    if changes.count(where: { if case .update = $0 { false } else { true } }) > 1 {
      throw .service(
        "LimitExceededException",
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
    }
    return changes
  }

  private static func name(_ json: JSONValue, _ member: String, _ constraints: inout Constraints) throws(ServiceError) -> String {
    let name = try json.member("IndexName")?.text()
    constraints.notNull(name != nil, member)
    constraints.name(name, member)
    return name ?? ""
  }
}

extension SimulatedTable {
  fileprivate mutating func setThroughput(_ throughput: Throughput?, _ billingMode: String?, at now: Int64) throws(ServiceError) {
    let isOnDemand = billingMode.map { $0 == "PAY_PER_REQUEST" } ?? definition.isOnDemand
    if isOnDemand && throughput != nil {
      throw .invalidParameter(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
    }
    if let throughput {
      let current = definition.throughput
      guard throughput != current || definition.isOnDemand else {
        throw .validation(
          "The provisioned throughput for the table will not change. The requested value equals the current value. Current "
            + "ReadCapacityUnits provisioned for the table: \(current.reads). Requested ReadCapacityUnits: \(throughput.reads). "
            + "Current WriteCapacityUnits provisioned for the table: \(current.writes). Requested WriteCapacityUnits: "
            + "\(throughput.writes). Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.")
      }
      definition.throughput = throughput
    }
    if isOnDemand && !definition.isOnDemand {
      definition.throughput = Throughput()
      definition.onDemandSince = now
      for index in indexes.indices { indexes[index].definition.throughput = Throughput() }
    }
    definition.isOnDemand = isOnDemand
  }

  fileprivate mutating func apply(
    _ change: IndexChange, activeAt: Int64, isOnDemand: Bool, _ workspace: inout Workspace
  ) throws(ServiceError) {
    switch change {
    case .create(let request):
      guard index(named: request.name) == nil else { throw .invalidParameter("Index already exists: \(request.name)") }
      let definition = try request.definition(self.definition.attributes, tableHash: schema.hash.name)
      try CreateTableRequest.checkThroughput(of: request, isOnDemand: isOnDemand)
      guard indexes.count(where: \.definition.isGlobal) < 20 else {
        throw .invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of 20")
      }
      addIndex(definition, activeAt: activeAt, &workspace)
    case .update(let name, let throughput, let onDemand):
      let place = try globalIndex(name)
      if let throughput {
        guard !isOnDemand else {
          throw .invalidParameter(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
        }
        indexes[place].definition.throughput = throughput
      }
      indexes[place].definition.onDemandThroughput = onDemand ?? indexes[place].definition.onDemandThroughput
    case .delete(let name):
      let gone = indexes.remove(at: try globalIndex(name))
      let keys = ([schema] + indexes.map(\.key.schema)).flatMap(\.attributes)
      for attribute in gone.key.schema.attributes where !keys.contains(attribute) {
        definition.attributes.removeAll { $0 == attribute }
      }
    }
  }

  private func globalIndex(_ name: String) throws(ServiceError) -> Int {
    guard let place = indexes.firstIndex(where: { $0.definition.isGlobal && UTF8Text.equal($0.name, name) }) else {
      throw .service("ResourceNotFoundException", "Requested resource not found: Index: \(name) not found")
    }
    return place
  }
}

extension [KeySchema.Attribute] {
  /// These attributes, and those of `more` that aren't among them.
  fileprivate func merging(_ more: [KeySchema.Attribute]) -> [KeySchema.Attribute] {
    self + more.filter { attribute in !contains { UTF8Text.equal($0.name, attribute.name) } }
  }
}
