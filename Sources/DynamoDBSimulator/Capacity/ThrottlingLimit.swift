internal import DynamoDBModel

/// Which limit a request met: the last part of a throttling reason.
enum ThrottlingLimit: String, Sendable {
  case provisioned = "ProvisionedThroughputExceeded"
  case keyRange = "KeyRangeThroughputExceeded"
  case maximumOnDemand = "MaxOnDemandThroughputExceeded"
  case account = "AccountLimitExceeded"
}

/// What a request met: a limit, and whose.
struct Throttling: Sendable, Hashable {
  let limit: ThrottlingLimit
  let charge: CapacityCharge
  let isOnDemand: Bool

  /// As in `TableWriteKeyRangeThroughputExceeded`.
  var reason: String { "\(charge.index == nil ? "Table" : "Index")\(charge.access.rawValue)\(limit.rawValue)" }

  /// The service's error: its code and text by limit and mode, with the reasons in `ThrottlingReasons`, which ThrottlingException alone
  /// spells with a small letter (both from the service's model).
  static func error(_ throttlings: [Throttling]) -> ServiceError {
    let first = throttlings[0]
    let reasons = throttlings.map { throttling in
      JSONValue.object([
        .init("reason", .string(throttling.reason)),
        .init("resource", .string(ResourceName(table: throttling.charge.table, index: throttling.charge.index).arn)),
      ])
    }
    var error: ServiceError
    switch first.limit {
    case .provisioned: error = .throttled
    case .keyRange where !first.isOnDemand: error = .throttled
    case .keyRange:
      error = .service(
        "ThrottlingException",
        "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please "
          + "try again shortly. If exceptions persist, check if you have a hot key.")
    case .maximumOnDemand:
      let access = first.charge.access.rawValue
      error = .service(
        "ThrottlingException",
        "Throughput exceeds the maximum OnDemandThroughput configured on table or index: Max\(access)RequestUnits was exceeded.")
    case .account:
      error = .service("RequestLimitExceeded", "Throughput exceeds the current throughput limit for your account.")
    }
    let isLower = error.type.hasSuffix("#ThrottlingException")
    error.details = [.init(isLower ? "throttlingReasons" : "ThrottlingReasons", .array(reasons))]
    return error
  }
}
