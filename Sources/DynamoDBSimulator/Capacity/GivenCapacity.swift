/// What a table or an index was given: its billing mode and its limits, in units a second.
struct GivenCapacity: Sendable, Hashable {
  enum Mode: Sendable, Hashable {
    case provisioned(read: Double, write: Double)
    /// With the limits that `OnDemandThroughput` sets; nil: none.
    case onDemand(maximumRead: Double?, maximumWrite: Double?)
  }

  var mode: Mode
  /// What `WarmThroughput` asks for; 0: nothing.
  var warmRead = 0.0
  var warmWrite = 0.0
  /// Bytes held.
  var size = 0
  /// When the table was made, in milliseconds: units that nobody takes are kept from then on, not from the first request on.
  var since = Int64.max

  var isOnDemand: Bool { if case .onDemand = mode { true } else { false } }
}
