/// Why there are no credentials, with what to do about it.
public struct CredentialError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure; it can grow.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Value: String { case notFound, incomplete, malformed }
    private let value: Value
    private init(_ value: Value) { self.value = value }

    /// No source holds any credentials.
    public static let notFound = Code(.notFound)
    /// A source holds a part of them only.
    public static let incomplete = Code(.incomplete)
    /// A part can't be what it claims to be.
    public static let malformed = Code(.malformed)

    public var description: String { value.rawValue }
  }

  /// The kind of failure.
  public let code: Code
  /// One sentence with cause and remedy; never a part of the credentials.
  public let message: String

  /// Makes an error, for providers outside the kit too.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
