/// Why there are no credentials, with what to do about it.
public struct CredentialError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure; it can grow.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Value: String {
      case notFound, incomplete, malformed, unsupported, loginRequired, denied, unreachable, badAnswer, programFailed, expired, timeout,
        cancelled
    }
    private let value: Value
    private init(_ value: Value) { self.value = value }

    /// No source holds any credentials.
    public static let notFound = Code(.notFound)
    /// A source holds a part of them only, or a profile a part of what it needs.
    public static let incomplete = Code(.incomplete)
    /// A part can't be what it claims to be, or a file isn't in the form it should be in.
    public static let malformed = Code(.malformed)
    /// A profile asks for something that the kit doesn't do.
    public static let unsupported = Code(.unsupported)
    /// Somebody has to sign in again: `aws sso login`.
    public static let loginRequired = Code(.loginRequired)
    /// The source refuses to give any.
    public static let denied = Code(.denied)
    /// The source can't be reached, or fails; it may work a little later.
    public static let unreachable = Code(.unreachable)
    /// The source answers with something that holds no credentials.
    public static let badAnswer = Code(.badAnswer)
    /// The program that a profile names ended with an error.
    public static let programFailed = Code(.programFailed)
    /// The credentials have ended, and the source has no others.
    public static let expired = Code(.expired)
    /// The source took too long.
    public static let timeout = Code(.timeout)
    /// The calling task was cancelled.
    public static let cancelled = Code(.cancelled)

    public var description: String { value.rawValue }
  }

  /// The kind of failure.
  public let code: Code
  /// One sentence with cause and remedy; never a part of the credentials.
  public let message: String
  /// What lies beneath, where there is more to know.
  public let cause: (any Error)?

  /// Makes an error, for providers outside the kit too.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  public var description: String { message }
}
