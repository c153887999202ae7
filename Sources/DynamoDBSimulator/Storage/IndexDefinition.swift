internal import DynamoDBModel

/// A secondary index as it was asked for.
struct IndexDefinition: Sendable {
  /// Which attributes an index has beside the keys.
  enum Projection: Sendable, Hashable {
    case all
    case keysOnly
    case include([String])
  }

  let name: String
  let schema: KeySchema
  let projection: Projection
  let isGlobal: Bool
  /// Read and write capacity units of a global index; zeros where they go by use.
  var throughput = Throughput()
  /// `OnDemandThroughput`, as it came.
  var onDemandThroughput: JSONValue?
}

/// Provisioned read and write capacity units.
struct Throughput: Sendable, Hashable {
  var reads = 0
  var writes = 0
}
