/// Which requests of a call may be sent again when a try fails.
public enum Resend: Sendable, Hashable {
  /// Whatever is worth another try, as every AWS SDK does; a write whose answer was lost may land twice, around another writer's.
  case always
  /// Only after a refusal, or where no byte of the request can have arrived: a write is never sent again while its outcome is unknown.
  case unlessOutcomeUnknown
  /// Nothing: one call is one request.
  case never

  /// What both allow.
  package func limited(by other: Resend) -> Resend {
    switch (self, other) {
    case (.never, _), (_, .never): .never
    case (.unlessOutcomeUnknown, _), (_, .unlessOutcomeUnknown): .unlessOutcomeUnknown
    case (.always, .always): .always
    }
  }
}
