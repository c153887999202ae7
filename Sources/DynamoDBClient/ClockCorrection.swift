/// How far the service's clock is from this machine's, as its refusals have told: a value without a clock of its own.
///
/// A signature dated minutes off is refused, for good unless the date is corrected. Only refusals are believed, and only those that a wrong
/// date can cause: an answer's `Date` alone is no reason, since a proxy may have written it.
package struct ClockCorrection: Sendable, Equatable {
  /// Dates that are this far off, or further, are corrected.
  package static let tolerance: Int64 = 4 * 60 * 1_000

  /// What to add to this machine's time, in milliseconds.
  package private(set) var offset: Int64 = 0
  /// How often it was corrected.
  package private(set) var count = 0

  package init() {}

  /// Takes note of a refusal that came at `machineTime`; true if what is signed from now on bears another date.
  package mutating func learned(from error: DynamoDBError, at machineTime: Int64) -> Bool {
    guard error.code.mayBeSkew, let serviceTime = error.serviceTime,
      abs(serviceTime - (machineTime + offset)) > Self.tolerance
    else { return false }
    offset = serviceTime - machineTime
    count += 1
    return true
  }
}

extension DynamoDBError.Code {
  /// True for the refusals that a wrong date can cause.
  package var mayBeSkew: Bool {
    switch self {
    case .invalidSignature, .signatureDoesNotMatch, .authFailure, .requestTimeTooSkewed, .accessDenied: true
    default: false
    }
  }
}
