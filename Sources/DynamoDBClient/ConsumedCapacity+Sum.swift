extension ConsumedCapacity {
  /// The cost of two requests on one table.
  package func adding(_ other: ConsumedCapacity?) -> ConsumedCapacity {
    guard let other else { return self }
    var sum = self
    sum.capacityUnits = Self.add(capacityUnits, other.capacityUnits)
    sum.readCapacityUnits = Self.add(readCapacityUnits, other.readCapacityUnits)
    sum.writeCapacityUnits = Self.add(writeCapacityUnits, other.writeCapacityUnits)
    sum.table = table?.adding(other.table) ?? other.table
    sum.localSecondaryIndexes.merge(other.localSecondaryIndexes) { $0.adding($1) }
    sum.globalSecondaryIndexes.merge(other.globalSecondaryIndexes) { $0.adding($1) }
    return sum
  }

  fileprivate static func add(_ left: Double?, _ right: Double?) -> Double? { left.map { $0 + (right ?? 0) } ?? right }
}

extension ConsumedCapacity.Capacity {
  fileprivate func adding(_ other: Self?) -> Self {
    guard let other else { return self }
    return Self(
      capacityUnits: ConsumedCapacity.add(capacityUnits, other.capacityUnits),
      readCapacityUnits: ConsumedCapacity.add(readCapacityUnits, other.readCapacityUnits),
      writeCapacityUnits: ConsumedCapacity.add(writeCapacityUnits, other.writeCapacityUnits))
  }
}
