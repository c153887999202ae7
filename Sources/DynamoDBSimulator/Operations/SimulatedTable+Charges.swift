internal import DynamoDBModel
internal import HTTPTransport

extension SimulatedTable {
  /// Counts what a write takes of the table and its indexes.
  func count(_ write: Write, _ factor: Double, in consumption: inout Consumption) {
    consumption.add(write.units * factor)
    for (index, old, new) in write.entries {
      let units = SimulatedIndex.units(old, new)
      if units > 0 { consumption.add(units * factor, index: indexes[index].definition) }
    }
  }

  /// The same as what the capacity model is asked for: local indexes draw on the table.
  func charges(for write: Write, _ factor: Double) -> [CapacityCharge] {
    var own = write.units
    var charges: [CapacityCharge] = []
    for (index, old, new) in write.entries {
      let units = SimulatedIndex.units(old, new)
      guard units > 0, let hash = new?.place.hash ?? old?.place.hash else { continue }
      if indexes[index].definition.isGlobal {
        charges.append(CapacityCharge(access: .write, table: name, index: indexes[index].name, hash: hash, units: units * factor))
      } else {
        own += units
      }
    }
    return [CapacityCharge(access: .write, table: name, index: nil, hash: write.place.hash, units: own * factor)] + charges
  }

  /// `ItemCollectionMetrics` of the collection of a place; nil for tables without local indexes.
  func collectionMetrics(_ place: Place, _ workspace: inout Workspace) -> JSONValue? {
    guard indexes.contains(where: { !$0.definition.isGlobal }) else { return nil }
    let partition = place.partition
    let end = Place.end(hash: place.hash, of: partition)
    var size = 0
    var key: JSONValue?
    for items in [items] + indexes.filter({ !$0.definition.isGlobal }).map(\.items) {
      items.walk(from: Place(hash: place.hash, key: partition)) { other, item in
        guard other < end else { return false }
        if key == nil { key = item.item[schema.hash.name].map { .item([schema.hash.name: $0]) } }
        size += item.size
        return true
      }
    }
    guard let key else { return nil }
    let gigabytes = Double(size >> 30)
    return .object(
      ("ItemCollectionKey", key), ("SizeEstimateRangeGB", .array([.number("\(gigabytes)"), .number("\(gigabytes + 1)")])))
  }
}

extension JSONValue {
  /// An item in wire form.
  static func item(_ item: Item) -> JSONValue {
    var bytes = ByteBuffer()
    item.encode(into: &bytes)
    return (try? JSONValue(parsing: bytes.span)) ?? .null
  }
}
