package import DynamoDBModel
package import HTTPTransport

/// A change to a table's global indexes.
public enum GlobalSecondaryIndexUpdate: Sendable, Hashable {
  /// Makes an index; `attributeDefinitions` must hold its key's attributes.
  case create(SecondaryIndex)
  /// Sets the capacity, the limits or the warmth of an index.
  case update(
    indexName: String, provisionedThroughput: ProvisionedThroughput? = nil, onDemandThroughput: OnDemandThroughput? = nil,
    warmThroughput: WarmThroughput? = nil)
  /// Deletes an index.
  case delete(indexName: String)
}

/// A change to the Regions that a table is replicated to.
public enum ReplicaUpdate: Sendable, Hashable {
  /// Adds a Region; what is nil is as in the table's own.
  case create(regionName: String, kmsMasterKeyId: String? = nil, tableClassOverride: TableClass? = nil)
  /// Changes the replica in a Region; what is nil stays as it is.
  case update(regionName: String, kmsMasterKeyId: String? = nil, tableClassOverride: TableClass? = nil)
  /// Takes a Region away, with its copy of the items.
  case delete(regionName: String)
}

/// Changes a table's settings; what is nil stays as it is.
public struct UpdateTableInput: Sendable, Hashable {
  /// The table's name.
  public var tableName: String
  /// The attributes that keys of new indexes name.
  public var attributeDefinitions: [AttributeDefinition]?
  /// How it is paid for.
  public var billingMode: BillingMode?
  /// Its capacity, where that is set.
  public var provisionedThroughput: ProvisionedThroughput?
  /// Its limits on demand.
  public var onDemandThroughput: OnDemandThroughput?
  /// What it is split for.
  public var warmThroughput: WarmThroughput?
  /// Changes to its global indexes; the service makes or deletes one in a request.
  public var globalSecondaryIndexUpdates: [GlobalSecondaryIndexUpdate]?
  /// Whether a stream of its changes is kept.
  public var streamSpecification: StreamSpecification?
  /// What it is encrypted with.
  public var sseSpecification: SSESpecification?
  /// How it is priced.
  public var tableClass: TableClass?
  /// True to refuse its deletion.
  public var deletionProtectionEnabled: Bool?
  /// Changes to its Regions; the service makes one in a request.
  public var replicaUpdates: [ReplicaUpdate]?

  /// Makes a request.
  public init(
    tableName: String, attributeDefinitions: [AttributeDefinition]? = nil, billingMode: BillingMode? = nil,
    provisionedThroughput: ProvisionedThroughput? = nil, onDemandThroughput: OnDemandThroughput? = nil,
    warmThroughput: WarmThroughput? = nil, globalSecondaryIndexUpdates: [GlobalSecondaryIndexUpdate]? = nil,
    streamSpecification: StreamSpecification? = nil, sseSpecification: SSESpecification? = nil, tableClass: TableClass? = nil,
    deletionProtectionEnabled: Bool? = nil, replicaUpdates: [ReplicaUpdate]? = nil
  ) {
    self.tableName = tableName
    self.attributeDefinitions = attributeDefinitions
    self.billingMode = billingMode
    self.provisionedThroughput = provisionedThroughput
    self.onDemandThroughput = onDemandThroughput
    self.warmThroughput = warmThroughput
    self.globalSecondaryIndexUpdates = globalSecondaryIndexUpdates
    self.streamSpecification = streamSpecification
    self.sseSpecification = sseSpecification
    self.tableClass = tableClass
    self.deletionProtectionEnabled = deletionProtectionEnabled
    self.replicaUpdates = replicaUpdates
  }
}

/// The table on its way to its new settings.
public struct UpdateTableOutput: Sendable, Hashable {
  /// The table; the change is done once its status is `active` again.
  public var tableDescription: TableDescription
}

extension UpdateTableInput: OperationInput {
  package static var operation: DynamoDBOperation { .updateTable }
  package var onlyTable: String? { tableName }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.list("AttributeDefinitions", attributeDefinitions, &body) { $0.encode(into: &$1) }
    object.choice("BillingMode", billingMode, &body)
    provisionedThroughput?.encode(in: &object, &body)
    onDemandThroughput?.encode(in: &object, &body)
    warmThroughput?.encode(in: &object, &body)
    object.list("GlobalSecondaryIndexUpdates", globalSecondaryIndexUpdates, &body) { $0.encode(into: &$1) }
    streamSpecification?.encode(in: &object, &body)
    sseSpecification?.encode(in: &object, &body)
    object.choice("TableClass", tableClass, &body)
    object.bool("DeletionProtectionEnabled", deletionProtectionEnabled, &body)
    object.list("ReplicaUpdates", replicaUpdates, &body) { $0.encode(into: &$1) }
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> UpdateTableOutput {
    UpdateTableOutput(tableDescription: try TableDescription.read("TableDescription", of: body))
  }
}

extension GlobalSecondaryIndexUpdate {
  func encode(into out: inout ByteBuffer) {
    var object = ObjectWriter(&out)
    switch self {
    case .create(let index):
      object.name("Create", &out)
      index.encode(into: &out)
    case .update(let name, let provisioned, let onDemand, let warm):
      object.name("Update", &out)
      var inner = ObjectWriter(&out)
      inner.string("IndexName", name, &out)
      provisioned?.encode(in: &inner, &out)
      onDemand?.encode(in: &inner, &out)
      warm?.encode(in: &inner, &out)
      inner.close(&out)
    case .delete(let name):
      object.name("Delete", &out)
      var inner = ObjectWriter(&out)
      inner.string("IndexName", name, &out)
      inner.close(&out)
    }
    object.close(&out)
  }
}

extension ReplicaUpdate {
  func encode(into out: inout ByteBuffer) {
    var object = ObjectWriter(&out)
    var inner: ObjectWriter
    switch self {
    case .create(let region, let key, let tableClass), .update(let region, let key, let tableClass):
      if case .create = self { object.name("Create", &out) } else { object.name("Update", &out) }
      inner = ObjectWriter(&out)
      inner.string("RegionName", region, &out)
      inner.string("KMSMasterKeyId", key, &out)
      inner.choice("TableClassOverride", tableClass, &out)
    case .delete(let region):
      object.name("Delete", &out)
      inner = ObjectWriter(&out)
      inner.string("RegionName", region, &out)
    }
    inner.close(&out)
    object.close(&out)
  }
}

extension DynamoDBClient {
  /// Changes a table's settings; the change is done once `describeTable` says that the table is active again.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceInUse` where the table is being changed already.
  public func updateTable(
    _ input: UpdateTableInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> UpdateTableOutput {
    try await send(input, options)
  }
}
