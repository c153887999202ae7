package import DynamoDBModel
package import HTTPTransport

/// A change to a table's global indexes.
public enum GlobalSecondaryIndexUpdate: Sendable, Hashable {
  /// Makes an index; `attributeDefinitions` must hold its key's attributes.
  case create(SecondaryIndex)
  /// Sets the capacity of an index.
  case update(indexName: String, provisionedThroughput: ProvisionedThroughput)
  /// Deletes an index.
  case delete(indexName: String)
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
  /// True to refuse its deletion.
  public var deletionProtectionEnabled: Bool?

  /// Makes a request.
  public init(
    tableName: String, attributeDefinitions: [AttributeDefinition]? = nil, billingMode: BillingMode? = nil,
    provisionedThroughput: ProvisionedThroughput? = nil, onDemandThroughput: OnDemandThroughput? = nil,
    warmThroughput: WarmThroughput? = nil, globalSecondaryIndexUpdates: [GlobalSecondaryIndexUpdate]? = nil,
    deletionProtectionEnabled: Bool? = nil
  ) {
    self.tableName = tableName
    self.attributeDefinitions = attributeDefinitions
    self.billingMode = billingMode
    self.provisionedThroughput = provisionedThroughput
    self.onDemandThroughput = onDemandThroughput
    self.warmThroughput = warmThroughput
    self.globalSecondaryIndexUpdates = globalSecondaryIndexUpdates
    self.deletionProtectionEnabled = deletionProtectionEnabled
  }
}

/// The table on its way to its new settings.
public struct UpdateTableOutput: Sendable, Hashable {
  /// The table; the change is done once its status is `active` again.
  public var tableDescription: TableDescription
}

extension UpdateTableInput: OperationInput {
  package static var operation: DynamoDBOperation { .updateTable }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.list("AttributeDefinitions", attributeDefinitions, &body) { $0.encode(into: &$1) }
    object.choice("BillingMode", billingMode, &body)
    provisionedThroughput?.encode(in: &object, &body)
    onDemandThroughput?.encode(in: &object, &body)
    warmThroughput?.encode(in: &object, &body)
    object.list("GlobalSecondaryIndexUpdates", globalSecondaryIndexUpdates, &body) { $0.encode(into: &$1) }
    object.bool("DeletionProtectionEnabled", deletionProtectionEnabled, &body)
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>) throws(DynamoDBModelError) -> UpdateTableOutput {
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
    case .update(let name, let throughput):
      object.name("Update", &out)
      var inner = ObjectWriter(&out)
      inner.string("IndexName", name, &out)
      throughput.encode(in: &inner, &out)
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
