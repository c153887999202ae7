internal import DynamoDBModel

/// What a table is beside its items, as its creation and updates made it.
struct TableDefinition: Sendable {
  enum Status: String, Sendable {
    case creating = "CREATING"
    case updating = "UPDATING"
    case deleting = "DELETING"
    case active = "ACTIVE"
  }

  let name: String
  let arn: String
  let id: String
  /// Milliseconds since 1970 UTC.
  let created: Int64
  let schema: KeySchema
  /// `AttributeDefinitions`, in order.
  var attributes: [KeySchema.Attribute]
  var isOnDemand: Bool
  /// When it last became one that is paid by use.
  var onDemandSince: Int64?
  var throughput: Throughput
  /// `OnDemandThroughput` and `WarmThroughput`, as they came.
  var onDemandThroughput: JSONValue?
  var warmThroughput: JSONValue?
  var tableClass: String?
  var isProtected = false
  var stream: JSONValue?
  /// When the stream was set last.
  var streamSince: Int64?
  var encryption: JSONValue?
  var tags: [(key: String, value: String)] = []
  var policy: ResourcePolicy?
  /// The change that is under way, and when it is done.
  var change: (status: Status, until: Int64)
  var timeToLive = TimeToLive()

  func status(at now: Int64) -> Status { now < change.until || change.status == .deleting ? change.status : .active }
}

/// A resource policy, as it came, and which one it is.
struct ResourcePolicy: Sendable, Hashable {
  let text: String
  let revision: String
}

/// Whether a table's items expire.
struct TimeToLive: Sendable {
  var attribute: String?
  var isEnabled = false
  /// When the last change is done.
  var settledAt: Int64 = 0
}
