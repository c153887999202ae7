internal import DynamoDBModel

/// What a request cost in one table, in capacity units.
public struct ConsumedCapacity: Sendable, Hashable {
  /// The units of a table or an index.
  public struct Capacity: Sendable, Hashable {
    /// Reads and writes together.
    public var capacityUnits: Double?
    /// Reads, where the service tells them apart (transactions).
    public var readCapacityUnits: Double?
    /// Writes, where the service tells them apart (transactions).
    public var writeCapacityUnits: Double?
  }

  /// The table's name or ARN.
  public var tableName: String?
  /// Reads and writes together.
  public var capacityUnits: Double?
  /// Reads, where the service tells them apart (transactions).
  public var readCapacityUnits: Double?
  /// Writes, where the service tells them apart (transactions).
  public var writeCapacityUnits: Double?
  /// The table's own part, if the request asked for `.indexes`.
  public var table: Capacity?
  /// The local indexes' parts, if the request asked for `.indexes`.
  public var localSecondaryIndexes: [String: Capacity] = [:]
  /// The global indexes' parts, if the request asked for `.indexes`.
  public var globalSecondaryIndexes: [String: Capacity] = [:]
}

extension ConsumedCapacity {
  init(_ json: JSONValue) {
    tableName = json["TableName"]?.string
    capacityUnits = json["CapacityUnits"]?.units
    readCapacityUnits = json["ReadCapacityUnits"]?.units
    writeCapacityUnits = json["WriteCapacityUnits"]?.units
    table = json["Table"].map(Capacity.init)
    localSecondaryIndexes = Capacity.byName(json["LocalSecondaryIndexes"])
    globalSecondaryIndexes = Capacity.byName(json["GlobalSecondaryIndexes"])
  }
}

extension ConsumedCapacity.Capacity {
  init(_ json: JSONValue) {
    capacityUnits = json["CapacityUnits"]?.units
    readCapacityUnits = json["ReadCapacityUnits"]?.units
    writeCapacityUnits = json["WriteCapacityUnits"]?.units
  }

  static func byName(_ json: JSONValue?) -> [String: Self] {
    var found: [String: Self] = [:]
    for member in json?.object ?? [] { found[member.name] = Self(member.value) }
    return found
  }
}
