internal import DynamoDBModel

extension SimulatedService {
  /// Takes what a request costs from what its tables and indexes have left, all of it or nothing.
  ///
  /// An operation calls it when it knows the cost and before it changes anything. Writes name their table and each global secondary index
  /// that they touch. A part of a batch that is refused goes into the batch's unprocessed parts, and the rest goes on.
  ///
  /// - Parameter now: milliseconds since 1970 UTC, `ServiceRequest.now`.
  /// - Throws: the service's throttling error, with its reasons.
  mutating func admit(_ charges: [CapacityCharge], at now: Int64) throws(ServiceError) {
    guard var capacity = capacity.take() else { return }
    defer { self.capacity = capacity }
    let met = capacity.admit(charges, at: now) { given(to: $0) }
    if !met.isEmpty { throw Throttling.error(met) }
  }

  /// Refuses what the policies of the caller or of the table deny.
  ///
  /// Every request was judged by its operation's action before the operation sees it; operations call this for what only they can tell,
  /// such as the tables that PartiQL statements name.
  ///
  /// - Parameters:
  ///   - action: as in `dynamodb:PartiQLInsert`.
  ///   - index: nil: the table itself.
  /// - Throws: `AccessDeniedException` in the service's words.
  func authorize(_ caller: Caller, _ action: String, on table: String, index: String? = nil) throws(ServiceError) {
    if let refusal = access.refusal(to: caller, action, on: table, index: index) { throw refusal }
  }

  /// What a table or an index was given, for the capacity model.
  private func given(to resource: ResourceName) -> GivenCapacity? {
    guard let table = tables.index(of: resource.table).map({ tables[$0] }) else { return nil }
    guard let name = resource.index else {
      var given = GivenCapacity(
        table.definition.throughput, table.definition.onDemandThroughput, table.definition.isOnDemand, table.sizeInBytes,
        since: table.definition.created)
      given.warmRead = table.definition.warmThroughput?["ReadUnitsPerSecond"]?.double ?? 0
      given.warmWrite = table.definition.warmThroughput?["WriteUnitsPerSecond"]?.double ?? 0
      return given
    }
    guard let index = table.index(named: name) else { return nil }
    return GivenCapacity(
      index.definition.throughput, index.definition.onDemandThroughput, table.definition.isOnDemand, index.sizeInBytes,
      since: table.definition.created)
  }
}

extension GivenCapacity {
  fileprivate init(_ throughput: Throughput, _ maximum: JSONValue?, _ isOnDemand: Bool, _ size: Int, since: Int64) {
    func limit(_ name: String) -> Double? { maximum?[name]?.double.flatMap { $0 > 0 ? $0 : nil } }
    mode =
      isOnDemand
      ? .onDemand(maximumRead: limit("MaxReadRequestUnits"), maximumWrite: limit("MaxWriteRequestUnits"))
      : .provisioned(read: Double(throughput.reads), write: Double(throughput.writes))
    (self.size, self.since) = (size, since)
  }
}
