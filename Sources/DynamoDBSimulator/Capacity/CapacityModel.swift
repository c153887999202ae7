/// What tables, indexes and their partitions have left: a value that is told of each request's cost and says whether it is too much.
package struct CapacityModel: Sendable {
  /// Takes all charges of a request, or none of them and says why.
  mutating func admit(_ charges: [CapacityCharge], at now: Int64) -> ServiceError? { nil }
}
