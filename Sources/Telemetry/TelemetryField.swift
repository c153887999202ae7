/// What events and spans are described by; all keys of the kit, so that a dashboard can rely on them.
public enum TelemetryKey: String, Sendable, Hashable, CaseIterable {
  /// The service's name of an operation, as in `GetItem`.
  case operation
  /// A table's name, or what stands for several or too many.
  case table
  /// The number of a try, from 1.
  case attempt
  /// An error's code.
  case code
  /// A short word from a fixed list for how a request ended: a metric's label.
  case outcome
  /// An answer's HTTP status.
  case status
  /// The service's id of a request.
  case requestID
  /// How long something is waited for.
  case waitMilliseconds
  /// By how much a clock is corrected.
  case offsetMilliseconds
  /// A short word from a fixed list for why a write took another request: a metric's label.
  case reason
  /// A phase of a migration.
  case phase
}

/// One key with its value.
public struct TelemetryField: Sendable, Hashable {
  /// A value: a text or a whole number.
  public enum Value: Sendable, Hashable, CustomStringConvertible {
    case text(String)
    case integer(Int)

    public var description: String {
      switch self {
      case .text(let text): text
      case .integer(let number): String(number)
      }
    }
  }

  /// What the value is.
  public let key: TelemetryKey
  /// The value.
  public let value: Value

  /// Makes a field of a text.
  public init(_ key: TelemetryKey, _ text: String) {
    self.key = key
    value = .text(text)
  }

  /// Makes a field of a number.
  public init(_ key: TelemetryKey, _ number: Int) {
    self.key = key
    value = .integer(number)
  }
}
