internal import DualTableMapping
public import DynamoDBClient
internal import DynamoDBExpressions
public import DynamoDBModel
internal import MigrationControl

/// Why an operation of the repository did not do, or may not have done, what it was asked.
///
/// `description` holds nothing of items, keys or credentials.
public struct DualTableError: Error, Sendable, CustomStringConvertible {
  /// What went wrong.
  public let code: Code
  /// One sentence with cause and remedy. Where the service's own words are quoted, they may quote the request: don't log them.
  public let message: String
  /// The item of which the condition was false, if the request asked for it by `returnValuesOnConditionCheckFailure: .allOld`.
  public let item: Item?
  /// Why each action of a transaction kept it from happening, in the order of the actions; nil for one that didn't. Empty for other
  /// operations.
  public let cancellationReasons: [ActionError?]
  /// What lies beneath: a `DynamoDBError`, a `ConversionError`.
  public let cause: (any Error)?

  private let summary: String

  internal init(
    _ code: Code, _ summary: String, message: String? = nil, item: Item? = nil, cause: (any Error)? = nil,
    cancellationReasons: [ActionError?] = []
  ) {
    self.code = code
    self.summary = summary
    self.message = message ?? summary
    self.item = item
    self.cancellationReasons = cancellationReasons
    self.cause = cause
  }

  /// Code and sentence, and what lies beneath, without item data or secrets.
  public var description: String {
    switch cause {
    case let error as DynamoDBError: "\(code): \(summary) (\(error))"
    case let error as ConversionError: "\(code): \(summary) (\(error))"
    case let error as DualTableError: "\(code): \(summary) (\(error))"
    default: "\(code): \(summary)"
    }
  }
}

extension DualTableError {
  /// What can go wrong.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Name: String, CaseIterable {
      case conditionFailed, outcomeUnknown, contention, phaseUnknown, unconvertible, replacedItemUnknown
      case reservedName, invalidExpression, expressionTooLong, invalidKey, invalidToken, invalidTransaction, wrongTable, wrongPhase
      case requestFailed, unencodable, undecodable
      case indexIncomplete, queryNeedsBackfill, partitionTooLarge, orderNotKept, invalidCursor
    }

    private let name: Name
    private init(_ name: Name) { self.name = name }

    /// The write's condition was false; nothing was written.
    public static let conditionFailed = Code(.conditionFailed)
    /// The write may or may not have happened: an answer was lost.
    public static let outcomeUnknown = Code(.outcomeUnknown)
    /// Other writers won every one of eight rounds; nothing was written.
    public static let contention = Code(.contention)
    /// The old table's item can't be converted, so that the key's value can't be told; nothing was written.
    public static let unconvertible = Code(.unconvertible)
    /// The item was put, but what it replaced stands in the old table only and could not be read or converted.
    public static let replacedItemUnknown = Code(.replacedItemUnknown)
    /// The request names the attribute that marks deleted items.
    public static let reservedName = Code(.reservedName)
    /// An expression breaks a rule of the service's.
    public static let invalidExpression = Code(.invalidExpression)
    /// An expression leaves no room for what the repository adds to it.
    public static let expressionTooLong = Code(.expressionTooLong)
    /// The key isn't one of the new table's.
    public static let invalidKey = Code(.invalidKey)
    /// A transaction has no actions, too many, or two on one item.
    public static let invalidTransaction = Code(.invalidTransaction)
    /// The request names another table than the new one.
    public static let wrongTable = Code(.wrongTable)
    /// The operation isn't possible in this phase.
    public static let wrongPhase = Code(.wrongPhase)
    /// The migration's phase has not been known for too long; nothing was written.
    public static let phaseUnknown = Code(.phaseUnknown)
    /// A request failed; `cause` is the client's error. Nothing was written.
    public static let requestFailed = Code(.requestFailed)
    /// A value can't be encoded; nothing was sent.
    public static let unencodable = Code(.unencodable)
    /// An item isn't one of the type asked for. A write that was to return it has happened.
    public static let undecodable = Code(.undecodable)
    /// An idempotency token that is empty, or that stands beside what a transaction of one action can't do; nothing was sent.
    public static let invalidToken = Code(.invalidToken)
    /// The index lacks what only the old table has; it is whole when the backfill is done, and `allowIncomplete` takes it as it is.
    public static let indexIncomplete = Code(.indexIncomplete)
    /// The old table has no partition and no index for the query's items, or none that can be read consistently.
    public static let queryNeedsBackfill = Code(.queryNeedsBackfill)
    /// The old table's items must be sorted to answer the query, and there are too many of them.
    public static let partitionTooLarge = Code(.partitionTooLarge)
    /// The mapping says that it keeps the order of sort keys, and the old table's items come in another one.
    public static let orderNotKept = Code(.orderNotKept)
    /// The `exclusiveStartKey` isn't one that such a request handed out, or not as it was.
    public static let invalidCursor = Code(.invalidCursor)

    /// Every code, for metrics.
    internal static let allCodes = Name.allCases.map(Code.init)

    /// The code's name.
    public var description: String { name.rawValue }
  }

  internal static func outcomeUnknown(_ cause: DynamoDBError) -> DualTableError {
    DualTableError(
      .outcomeUnknown, "An answer was lost, and the write may have happened; read the item to learn whether it did.", cause: cause)
  }

  internal static func wrongPhase(_ phase: MigrationPhase) -> DualTableError {
    phase <= .dualRead
      ? DualTableError(.wrongPhase, "In phase \(phase) the old table is written, in its own format: use `oldWrite`, or `write(old:new:)`.")
      : DualTableError(.wrongPhase, "In phase \(phase) the old table isn't written any more: write in the new format.")
  }

  internal static func phaseUnknown(_ cause: (any Error)?) -> DualTableError {
    DualTableError(
      .phaseUnknown,
      "The migration's phase has not been known for too long: see that the repository's `run()` runs and that it can reach the control "
        + "table, and try again.", cause: cause)
  }

  internal static func requestFailed(_ cause: DynamoDBError, cancellationReasons: [ActionError?] = []) -> DualTableError {
    DualTableError(.requestFailed, "A request failed.", message: cause.message, cause: cause, cancellationReasons: cancellationReasons)
  }

  internal static func unconvertible(_ cause: ConversionError) -> DualTableError {
    DualTableError(
      .unconvertible, "The old table's item can't be converted: mend the mapping, or put or delete the item without a condition.",
      cause: cause)
  }

  internal static let orderNotKept = DualTableError(
    .orderNotKept, "The old table's items don't come in the order that the mapping says they do: set its `keeps-order` to false.")

  internal static let invalidCursor = DualTableError(
    .invalidCursor,
    "The exclusiveStartKey isn't one that this very query or scan handed out, or it was changed: begin again without one.")

  internal static func reservedName(_ name: String) -> DualTableError {
    DualTableError(.reservedName, "The attribute \(name) marks deleted items: choose another name, or set the mapping's `reserved`.")
  }

  /// A batch of which some writes may have happened; nil: the service was too busy for the rest.
  internal static func batchUnfinished(_ cause: DynamoDBError?) -> DualTableError {
    DualTableError(
      .outcomeUnknown,
      "Only some of the batch's writes are known to have happened; send the batch again, since whole items may be put and deleted twice.",
      cause: cause ?? DynamoDBError(.unprocessed, "The service was too busy to do all of the batch in time."))
  }

  /// A batch of reads that the service was too busy for.
  internal static var unprocessed: DualTableError {
    .requestFailed(DynamoDBError(.unprocessed, "The service was too busy to read all of the batch in time: ask again, or for less."))
  }

  internal static func invalidToken(_ summary: String) -> DualTableError { DualTableError(.invalidToken, summary) }

  internal static func unencodable(_ type: Any.Type, _ cause: any Error) -> DualTableError {
    DualTableError(.unencodable, "A value of \(type) can't be encoded; nothing was sent. See `cause`.", cause: cause)
  }

  internal static func undecodable(_ type: Any.Type, _ cause: any Error) -> DualTableError {
    DualTableError(
      .undecodable, "An item can't be decoded as \(type): make what it may lack optional, or mend the item. See `cause`.", cause: cause)
  }

  internal init(_ error: ExpressionError) {
    self.init(.invalidExpression, error.description, message: error.message)
  }
}
