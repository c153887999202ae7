package import DualTableMapping
internal import DynamoDBModel

extension TableMapping {
  /// Whether each new item has its old one's partition key, so that both tables' scans meet it in the same segment.
  ///
  /// A scan runs in the order of that key's hash. Asked by two values that nobody would map to themselves by chance; where the mapping
  /// doesn't tell, ids are looked up by their keys, which is as right and takes more units.
  package var keepsPartitionKey: Bool {
    guard oldSchema.hash.type == newSchema.hash.type else { return false }
    let probes: [AttributeValue] =
      switch newSchema.hash.type {
      case .string: [.string("dualtable-probe-1"), .string("2#dualtable.probe:")]
      case .number: [.number(DynamoDBNumber(48_611)), .number(DynamoDBNumber(-9_973))]
      case .binary: [.binary([7, 1, 255, 0]), .binary([0, 129])]
      }
    return probes.allSatisfy { probe in
      guard let parts = oldPartitions(of: probe, index: nil), parts.count == 1, let part = parts.first else { return false }
      return part.indexName == nil && part.keys.hash == oldSchema.hash && part.value == probe
    }
  }
}
