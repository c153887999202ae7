internal import DynamoDBModel

extension TableDescription {
  /// Reads the member `name` of an answer.
  static func read(_ name: String, of body: Span<UInt8>) throws(DynamoDBModelError) -> TableDescription {
    guard let table = try JSONValue(parsing: body)[name].flatMap(TableDescription.init) else { throw DynamoDBModelError(.malformed) }
    return table
  }

  /// Takes what is there; nil without name or status.
  init?(_ json: JSONValue) {
    guard let name = json["TableName"]?.string, let status = json["TableStatus"]?.string else { return nil }
    tableName = name
    tableStatus = Status(rawValue: status)
    tableArn = json["TableArn"]?.string
    tableId = json["TableId"]?.string
    creationDateTime = json["CreationDateTime"]?.double
    attributeDefinitions = json["AttributeDefinitions"]?.array?.compactMap(AttributeDefinition.init) ?? []
    keySchema = KeySchemaElement.list(json["KeySchema"])
    itemCount = json["ItemCount"]?.count
    tableSizeBytes = json["TableSizeBytes"]?.count
    billingMode = json["BillingModeSummary"]?["BillingMode"]?.string.flatMap(BillingMode.init)
    provisionedThroughput = json["ProvisionedThroughput"].map(ProvisionedThroughput.init)
    onDemandThroughput = json["OnDemandThroughput"].map(OnDemandThroughput.init)
    warmThroughput = json["WarmThroughput"].map(WarmThroughput.init)
    globalSecondaryIndexes = json["GlobalSecondaryIndexes"]?.array?.compactMap(Index.init) ?? []
    localSecondaryIndexes = json["LocalSecondaryIndexes"]?.array?.compactMap(Index.init) ?? []
    replicas = json["Replicas"]?.array?.compactMap { $0["RegionName"]?.string } ?? []
    streamSpecification = json["StreamSpecification"].map(StreamSpecification.init)
    sseSpecification = json["SSEDescription"].map(SSESpecification.init)
    tableClass = json["TableClassSummary"]?["TableClass"]?.string.flatMap(TableClass.init)
    latestStreamArn = json["LatestStreamArn"]?.string
    deletionProtectionEnabled = json["DeletionProtectionEnabled"]?.bool ?? false
  }
}

extension TableDescription.Index {
  init?(_ json: JSONValue) {
    guard let name = json["IndexName"]?.string else { return nil }
    indexName = name
    keySchema = KeySchemaElement.list(json["KeySchema"])
    projection = json["Projection"].flatMap(Projection.init)
    indexStatus = json["IndexStatus"]?.string.map(TableDescription.Status.init(rawValue:))
    backfilling = json["Backfilling"]?.bool
    provisionedThroughput = json["ProvisionedThroughput"].map(ProvisionedThroughput.init)
    onDemandThroughput = json["OnDemandThroughput"].map(OnDemandThroughput.init)
    warmThroughput = json["WarmThroughput"].map(WarmThroughput.init)
    itemCount = json["ItemCount"]?.count
    indexSizeBytes = json["IndexSizeBytes"]?.count
  }
}

extension AttributeDefinition {
  init?(_ json: JSONValue) {
    guard let name = json["AttributeName"]?.string, let type = json["AttributeType"]?.string.flatMap(ScalarType.init) else { return nil }
    self.init(attributeName: name, attributeType: type)
  }
}

extension KeySchemaElement {
  static func list(_ json: JSONValue?) -> [KeySchemaElement] {
    json?.array?.compactMap { element in
      guard let name = element["AttributeName"]?.string, let type = element["KeyType"]?.string.flatMap(KeyType.init) else { return nil }
      return KeySchemaElement(attributeName: name, keyType: type)
    } ?? []
  }
}

extension Projection {
  init?(_ json: JSONValue) {
    guard let type = json["ProjectionType"]?.string.flatMap(ProjectionType.init) else { return nil }
    self.init(projectionType: type, nonKeyAttributes: json["NonKeyAttributes"]?.array?.compactMap(\.string))
  }
}

extension ProvisionedThroughput {
  init(_ json: JSONValue) {
    self.init(
      readCapacityUnits: json["ReadCapacityUnits"]?.count ?? 0, writeCapacityUnits: json["WriteCapacityUnits"]?.count ?? 0)
  }
}

extension OnDemandThroughput {
  init(_ json: JSONValue) {
    // The service says -1 for no limit.
    func limit(_ name: String) -> Int? { json[name]?.count.flatMap { $0 > 0 ? $0 : nil } }
    self.init(maxReadRequestUnits: limit("MaxReadRequestUnits"), maxWriteRequestUnits: limit("MaxWriteRequestUnits"))
  }
}

extension WarmThroughput {
  init(_ json: JSONValue) {
    self.init(readUnitsPerSecond: json["ReadUnitsPerSecond"]?.count, writeUnitsPerSecond: json["WriteUnitsPerSecond"]?.count)
  }
}

extension StreamSpecification {
  init(_ json: JSONValue) {
    self.init(
      streamEnabled: json["StreamEnabled"]?.bool ?? false, streamViewType: json["StreamViewType"]?.string.flatMap(StreamViewType.init))
  }
}

extension SSESpecification {
  init(_ json: JSONValue) {
    let status = json["Status"]?.string
    self.init(enabled: status == "ENABLED" || status == "ENABLING" || status == "UPDATING", kmsMasterKeyId: json["KMSMasterKeyArn"]?.string)
  }
}
