public import DynamoDBModel

/// What the service says of a table.
public struct TableDescription: Sendable, Hashable {
  /// Where a table's or an index's life stands.
  public struct Status: RawRepresentable, Sendable, Hashable {
    /// The service's word.
    public let rawValue: String
    /// Makes a status of the service's word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Being made.
    public static let creating = Status(rawValue: "CREATING")
    /// Being changed, and usable.
    public static let updating = Status(rawValue: "UPDATING")
    /// Being deleted.
    public static let deleting = Status(rawValue: "DELETING")
    /// Ready.
    public static let active = Status(rawValue: "ACTIVE")
  }

  /// A global or a local index.
  public struct Index: Sendable, Hashable {
    /// The index's name.
    public var indexName: String
    /// Its key.
    public var keySchema: [KeySchemaElement]
    /// What it holds.
    public var projection: Projection?
    /// Where its life stands; nil for local indexes.
    public var indexStatus: Status?
    /// True while it is being filled.
    public var backfilling: Bool?
    /// Its capacity; nil for local indexes.
    public var provisionedThroughput: ProvisionedThroughput?
    /// Its limits on demand.
    public var onDemandThroughput: OnDemandThroughput?
    /// What it is split for.
    public var warmThroughput: WarmThroughput?
    /// Its items, as counted every six hours.
    public var itemCount: Int?
    /// Its size, as counted every six hours.
    public var indexSizeBytes: Int?
  }

  /// The table's name.
  public var tableName: String
  /// Its ARN.
  public var tableArn: String?
  /// Its id, another for each table that ever had the name.
  public var tableId: String?
  /// Where its life stands.
  public var tableStatus: Status
  /// When it was made, in seconds since 1970.
  public var creationDateTime: Double?
  /// The attributes that keys name.
  public var attributeDefinitions: [AttributeDefinition]
  /// The table's key.
  public var keySchema: [KeySchemaElement]
  /// Its items, as counted every six hours.
  public var itemCount: Int?
  /// Its size, as counted every six hours.
  public var tableSizeBytes: Int?
  /// How it is paid for; nil: provisioned since it was made.
  public var billingMode: BillingMode?
  /// Its capacity; zeros on demand.
  public var provisionedThroughput: ProvisionedThroughput?
  /// Its limits on demand.
  public var onDemandThroughput: OnDemandThroughput?
  /// What it is split for.
  public var warmThroughput: WarmThroughput?
  /// The global indexes.
  public var globalSecondaryIndexes: [Index]
  /// The local indexes.
  public var localSecondaryIndexes: [Index]
  /// The regions of its replicas.
  public var replicas: [String]
  /// The stream of its changes that is kept; nil where none ever was.
  public var streamSpecification: StreamSpecification?
  /// What it is encrypted with; nil for a key of the service's own.
  public var sseSpecification: SSESpecification?
  /// How it is priced; nil: standard since it was made.
  public var tableClass: TableClass?
  /// The stream's ARN.
  public var latestStreamArn: String?
  /// True if it can't be deleted.
  public var deletionProtectionEnabled: Bool

  /// The key with its types; nil where the service's two lists don't fit together.
  public var keys: KeySchema? { KeySchema(keySchema, attributeDefinitions) }
}

extension KeySchema {
  /// A key as the service lists it, with its attributes' types; nil where its two lists don't fit together.
  package init?(_ elements: [KeySchemaElement], _ definitions: [AttributeDefinition]) {
    func attribute(_ type: KeyType) -> KeySchema.Attribute? {
      guard let name = elements.first(where: { $0.keyType == type })?.attributeName,
        let definition = definitions.first(where: { $0.attributeName == name })
      else { return nil }
      return KeySchema.Attribute(name, definition.attributeType)
    }
    guard let hash = attribute(.hash) else { return nil }
    let range = attribute(.range)
    guard (range != nil) == elements.contains(where: { $0.keyType == .range }) else { return nil }
    self.init(hash: hash, range: range)
  }
}
