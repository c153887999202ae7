/// What each caller may do: the identity policies of the access keys and the resource policies of the tables.
struct AccessControl: Sendable {
  /// The refusal of what a policy denies, or none allows; nil if it may be done.
  func refusal(to caller: Caller, _ action: String, on table: String, index: String? = nil) -> ServiceError? { nil }
}
