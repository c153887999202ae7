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

  /// Makes an index.
  public init(
    indexName: String, keySchema: [KeySchemaElement], projection: Projection, provisionedThroughput: ProvisionedThroughput? = nil
  ) {
    self.indexName = indexName
    self.keySchema = keySchema
    self.projection = projection
    self.provisionedThroughput = provisionedThroughput
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
