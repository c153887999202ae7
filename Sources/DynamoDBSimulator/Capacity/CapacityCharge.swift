/// Capacity units that a request takes from one partition of a table or an index.
struct CapacityCharge: Sendable, Hashable {
  enum Access: String, Sendable {
    case read = "Read"
    case write = "Write"
  }

  let access: Access
  let table: String
  /// nil: the table itself.
  var index: String?
  /// The hash of the partition key that is read or written, which says in which partition it lies.
  let hash: UInt64
  /// Read or write capacity units, as `ConsumedCapacity` counts them.
  let units: Double
}
