public import DynamoDBModel
package import HTTPTransport

/// Makes a table.
public struct CreateTableInput: Sendable, Hashable {
  /// The table's name: 3 to 255 letters, digits, `_`, `-` and `.`.
  public var tableName: String
  /// The attributes that keys name.
  public var attributeDefinitions: [AttributeDefinition]
  /// The table's key.
  public var keySchema: [KeySchemaElement]
  /// How it is paid for.
  public var billingMode: BillingMode?
  /// Its capacity, where that is set.
  public var provisionedThroughput: ProvisionedThroughput?
  /// Its limits on demand.
  public var onDemandThroughput: OnDemandThroughput?
  /// What it is split for.
  public var warmThroughput: WarmThroughput?
  /// The global indexes.
  public var globalSecondaryIndexes: [SecondaryIndex]?
  /// The local indexes; they can't be added later.
  public var localSecondaryIndexes: [SecondaryIndex]?
  /// Whether a stream of its changes is kept.
  public var streamSpecification: StreamSpecification?
  /// What it is encrypted with.
  public var sseSpecification: SSESpecification?
  /// How it is priced.
  public var tableClass: TableClass?
  /// True to refuse its deletion.
  public var deletionProtectionEnabled: Bool?
  /// Who may use it, as a policy in JSON.
  public var resourcePolicy: String?
  /// Its labels.
  public var tags: [Tag]?

  /// Makes a request.
  public init(
    tableName: String, attributeDefinitions: [AttributeDefinition], keySchema: [KeySchemaElement], billingMode: BillingMode? = nil,
    provisionedThroughput: ProvisionedThroughput? = nil, onDemandThroughput: OnDemandThroughput? = nil,
    warmThroughput: WarmThroughput? = nil, globalSecondaryIndexes: [SecondaryIndex]? = nil,
    localSecondaryIndexes: [SecondaryIndex]? = nil, streamSpecification: StreamSpecification? = nil,
    sseSpecification: SSESpecification? = nil, tableClass: TableClass? = nil, deletionProtectionEnabled: Bool? = nil,
    resourcePolicy: String? = nil, tags: [Tag]? = nil
  ) {
    self.tableName = tableName
    self.attributeDefinitions = attributeDefinitions
    self.keySchema = keySchema
    self.billingMode = billingMode
    self.provisionedThroughput = provisionedThroughput
    self.onDemandThroughput = onDemandThroughput
    self.warmThroughput = warmThroughput
    self.globalSecondaryIndexes = globalSecondaryIndexes
    self.localSecondaryIndexes = localSecondaryIndexes
    self.streamSpecification = streamSpecification
    self.sseSpecification = sseSpecification
    self.tableClass = tableClass
    self.deletionProtectionEnabled = deletionProtectionEnabled
    self.resourcePolicy = resourcePolicy
    self.tags = tags
  }

  /// Makes a request for a table with this key, paid by the request.
  public init(tableName: String, keys: KeySchema) {
    var elements = [KeySchemaElement(attributeName: keys.hash.name, keyType: .hash)]
    if let range = keys.range { elements.append(KeySchemaElement(attributeName: range.name, keyType: .range)) }
    self.init(
      tableName: tableName,
      attributeDefinitions: keys.attributes.map { AttributeDefinition(attributeName: $0.name, attributeType: $0.type) },
      keySchema: elements, billingMode: .payPerRequest)
  }
}

/// The table on its way in.
public struct CreateTableOutput: Sendable, Hashable {
  /// The table; it can be used once its status is `active`.
  public var tableDescription: TableDescription
}

extension CreateTableInput: OperationInput {
  package static var operation: DynamoDBOperation { .createTable }
  package var onlyTable: String? { tableName }

  package func encode(into body: inout ByteBuffer) {
    var object = ObjectWriter(&body)
    object.string("TableName", tableName, &body)
    object.list("AttributeDefinitions", attributeDefinitions, &body) { $0.encode(into: &$1) }
    object.list("KeySchema", keySchema, &body) { $0.encode(into: &$1) }
    object.choice("BillingMode", billingMode, &body)
    provisionedThroughput?.encode(in: &object, &body)
    onDemandThroughput?.encode(in: &object, &body)
    warmThroughput?.encode(in: &object, &body)
    object.list("GlobalSecondaryIndexes", globalSecondaryIndexes, &body) { $0.encode(into: &$1) }
    object.list("LocalSecondaryIndexes", localSecondaryIndexes, &body) { $0.encode(into: &$1) }
    streamSpecification?.encode(in: &object, &body)
    sseSpecification?.encode(in: &object, &body)
    object.choice("TableClass", tableClass, &body)
    object.bool("DeletionProtectionEnabled", deletionProtectionEnabled, &body)
    object.string("ResourcePolicy", resourcePolicy, &body)
    object.list("Tags", tags, &body) { tag, out in
      var inner = ObjectWriter(&out)
      inner.string("Key", tag.key, &out)
      inner.string("Value", tag.value, &out)
      inner.close(&out)
    }
    object.close(&body)
  }

  package static func decode(_ body: Span<UInt8>, _ tape: inout ItemTape) throws(DynamoDBModelError) -> CreateTableOutput {
    CreateTableOutput(tableDescription: try TableDescription.read("TableDescription", of: body))
  }
}

extension DynamoDBClient {
  /// Makes a table; it can be used once `describeTable` says that it is active.
  ///
  /// - Throws: `DynamoDBError`, of code `resourceInUse` where there is one of that name.
  public func createTable(
    _ input: CreateTableInput, options: CallOptions = CallOptions()
  ) async throws(DynamoDBError) -> CreateTableOutput {
    try await send(input, options)
  }
}
