public import DynamoDBModel

/// An attribute that keys name, with its type.
public struct AttributeDefinition: Sendable, Hashable {
  /// The attribute's name.
  public var attributeName: String
  /// Its type.
  public var attributeType: ScalarType

  /// Makes a definition.
  public init(attributeName: String, attributeType: ScalarType) {
    self.attributeName = attributeName
    self.attributeType = attributeType
  }
}

/// What an attribute is in a key.
public enum KeyType: String, Sendable, Hashable, CaseIterable {
  /// The partition key.
  case hash = "HASH"
  /// The sort key.
  case range = "RANGE"
}

/// One attribute of a key.
public struct KeySchemaElement: Sendable, Hashable {
  /// The attribute's name.
  public var attributeName: String
  /// Partition or sort key.
  public var keyType: KeyType

  /// Makes an element.
  public init(attributeName: String, keyType: KeyType) {
    self.attributeName = attributeName
    self.keyType = keyType
  }
}

/// How a table is paid for.
public enum BillingMode: String, Sendable, Hashable, CaseIterable {
  /// By the capacity that is set.
  case provisioned = "PROVISIONED"
  /// By the request, on demand.
  case payPerRequest = "PAY_PER_REQUEST"
}

/// Capacity units a second that are set.
public struct ProvisionedThroughput: Sendable, Hashable {
  /// Of reads.
  public var readCapacityUnits: Int
  /// Of writes.
  public var writeCapacityUnits: Int

  /// Makes a throughput.
  public init(readCapacityUnits: Int, writeCapacityUnits: Int) {
    self.readCapacityUnits = readCapacityUnits
    self.writeCapacityUnits = writeCapacityUnits
  }
}

/// The most units a second that an on-demand table or index takes.
public struct OnDemandThroughput: Sendable, Hashable {
  /// Of reads; nil: no limit of its own.
  public var maxReadRequestUnits: Int?
  /// Of writes; nil: no limit of its own.
  public var maxWriteRequestUnits: Int?

  /// Makes a limit.
  public init(maxReadRequestUnits: Int? = nil, maxWriteRequestUnits: Int? = nil) {
    self.maxReadRequestUnits = maxReadRequestUnits
    self.maxWriteRequestUnits = maxWriteRequestUnits
  }
}

/// The units a second that a table is split for beforehand.
public struct WarmThroughput: Sendable, Hashable {
  /// Of reads.
  public var readUnitsPerSecond: Int?
  /// Of writes.
  public var writeUnitsPerSecond: Int?

  /// Makes a throughput.
  public init(readUnitsPerSecond: Int? = nil, writeUnitsPerSecond: Int? = nil) {
    self.readUnitsPerSecond = readUnitsPerSecond
    self.writeUnitsPerSecond = writeUnitsPerSecond
  }
}

/// Which images of changed items a stream keeps.
public enum StreamViewType: String, Sendable, Hashable, CaseIterable {
  /// The keys alone.
  case keysOnly = "KEYS_ONLY"
  /// The item as it is now.
  case newImage = "NEW_IMAGE"
  /// The item as it was.
  case oldImage = "OLD_IMAGE"
  /// Both.
  case newAndOldImages = "NEW_AND_OLD_IMAGES"
}

/// Whether a stream of a table's changes is kept.
public struct StreamSpecification: Sendable, Hashable {
  /// True to keep one.
  public var streamEnabled: Bool
  /// What it keeps; nil where there is none.
  public var streamViewType: StreamViewType?

  /// Makes a specification.
  public init(streamEnabled: Bool, streamViewType: StreamViewType? = nil) {
    self.streamEnabled = streamEnabled
    self.streamViewType = streamViewType
  }
}

/// What a table is encrypted with at rest.
public struct SSESpecification: Sendable, Hashable {
  /// True for a key of KMS; false for one of the service's own.
  public var enabled: Bool
  /// The key's id, alias or ARN; nil: the account's default for DynamoDB.
  public var kmsMasterKeyId: String?

  /// Makes a specification.
  public init(enabled: Bool, kmsMasterKeyId: String? = nil) {
    self.enabled = enabled
    self.kmsMasterKeyId = kmsMasterKeyId
  }
}

/// How storage and requests are priced against each other.
public enum TableClass: String, Sendable, Hashable, CaseIterable {
  /// For most tables.
  case standard = "STANDARD"
  /// Cheaper to keep, dearer to use.
  case standardInfrequentAccess = "STANDARD_INFREQUENT_ACCESS"
}

/// What an index holds of its items.
public struct Projection: Sendable, Hashable {
  /// Which attributes, beside the keys.
  public enum ProjectionType: String, Sendable, Hashable, CaseIterable {
    /// All.
    case all = "ALL"
    /// None.
    case keysOnly = "KEYS_ONLY"
    /// Those in `nonKeyAttributes`.
    case include = "INCLUDE"
  }

  /// Which attributes, beside the keys.
  public var projectionType: ProjectionType
  /// The attributes, for `include`.
  public var nonKeyAttributes: [String]?

  /// Makes a projection.
  public init(projectionType: ProjectionType, nonKeyAttributes: [String]? = nil) {
    self.projectionType = projectionType
    self.nonKeyAttributes = nonKeyAttributes
  }
}

/// A global or a local index, as a table is made with it.
public struct SecondaryIndex: Sendable, Hashable {
  /// The index's name.
  public var indexName: String
  /// Its key.
  public var keySchema: [KeySchemaElement]
  /// What it holds.
  public var projection: Projection
  /// The capacity of a global index of a provisioned table.
  public var provisionedThroughput: ProvisionedThroughput?
  /// The limits of a global index on demand.
  public var onDemandThroughput: OnDemandThroughput?
  /// What a global index is split for.
  public var warmThroughput: WarmThroughput?

  /// Makes an index.
  public init(
    indexName: String, keySchema: [KeySchemaElement], projection: Projection, provisionedThroughput: ProvisionedThroughput? = nil,
    onDemandThroughput: OnDemandThroughput? = nil, warmThroughput: WarmThroughput? = nil
  ) {
    self.indexName = indexName
    self.keySchema = keySchema
    self.projection = projection
    self.provisionedThroughput = provisionedThroughput
    self.onDemandThroughput = onDemandThroughput
    self.warmThroughput = warmThroughput
  }
}

/// A label of a resource.
public struct Tag: Sendable, Hashable {
  /// The label's name.
  public var key: String
  /// Its text.
  public var value: String

  /// Makes a tag.
  public init(key: String, value: String) {
    self.key = key
    self.value = value
  }
}
