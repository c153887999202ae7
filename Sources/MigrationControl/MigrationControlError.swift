public import DynamoDBClient

/// Why the control table could not be read or changed.
public struct MigrationControlError: Error, Sendable, CustomStringConvertible {
  /// What went wrong.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Name: String {
      case notInitialized, alreadyInitialized, damaged, otherMapping, contention, notFenced, requestFailed
    }

    private let name: Name
    private init(_ name: Name) { self.name = name }

    /// The control table has no control item of the migration.
    public static let notInitialized = Code(.notInitialized)
    /// The migration has a control item already.
    public static let alreadyInitialized = Code(.alreadyInitialized)
    /// An item of the control table isn't one of the kit's.
    public static let damaged = Code(.damaged)
    /// The migration is on with another mapping.
    public static let otherMapping = Code(.otherMapping)
    /// Others changed the same item each time.
    public static let contention = Code(.contention)
    /// Writes to the old table could not be denied, or not be shown to be.
    public static let notFenced = Code(.notFenced)
    /// A request failed; `cause` is the client's error.
    public static let requestFailed = Code(.requestFailed)

    /// The code's name.
    public var description: String { name.rawValue }
  }

  /// What went wrong.
  public let code: Code
  /// One sentence with cause and remedy.
  public let message: String
  /// What lies beneath.
  public let cause: DynamoDBError?

  package init(_ code: Code, _ message: String, cause: DynamoDBError? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// Code and sentence, and what lies beneath, without secrets.
  public var description: String { cause.map { "\(code): \(message) (\($0))" } ?? "\(code): \(message)" }
}
