/// What a request wants told beside its result.
struct ReturnChoices {
  enum Capacity {
    case none, total, indexes
  }

  private(set) var capacity = Capacity.none
  private(set) var metrics = false

  init(_ request: borrowing ServiceRequest, _ constraints: inout Constraints) throws(ServiceError) {
    let capacity = try request.string("ReturnConsumedCapacity")
    constraints.oneOf(capacity, "returnConsumedCapacity", ["INDEXES", "TOTAL", "NONE"])
    switch capacity {
    case "TOTAL": self.capacity = .total
    case "INDEXES": self.capacity = .indexes
    default: break
    }
  }

  /// Takes the choice that only writes have.
  mutating func readMetrics(_ request: borrowing ServiceRequest, _ constraints: inout Constraints) throws(ServiceError) {
    let metrics = try request.string("ReturnItemCollectionMetrics")
    constraints.oneOf(metrics, "returnItemCollectionMetrics", ["SIZE", "NONE"])
    self.metrics = metrics == "SIZE"
  }
}
