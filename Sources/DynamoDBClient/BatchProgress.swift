/// A batch that could not be done to its end: what was done, what is left, and why.
public struct IncompleteBatch<Output: Sendable>: Error, Sendable, CustomStringConvertible {
  /// What was done; its unprocessed keys or items are what is left, those that were never sent included.
  public let output: Output
  /// Why the rest is left; of a batch of writes, `outcomeUnknown` says whether some of it may have happened all the same.
  public let cause: DynamoDBError

  /// One sentence without item data.
  public var description: String { "a batch is left unfinished: \(cause)" }
}

/// Decides, after each part of a batch, when the next is sent: a value without a clock of its own.
///
/// The deadline covers the whole batch. What an answer left goes out after a short pause where some of it was done, since the service stops
/// at 16 MB too; where nothing was done, the pause grows as with throttling.
struct BatchProgress {
  let policy: RetryPolicy
  /// Answers in a row that got nothing done.
  private var fruitless = 0

  init(policy: RetryPolicy) { self.policy = policy }

  /// Takes note of an answer.
  ///
  /// - Parameters:
  ///   - sent: keys or writes that the part had.
  ///   - left: those of them that the service didn't get to.
  ///   - elapsed: since the batch began.
  ///   - draw: 64 random bits.
  /// - Returns: how long to wait before the next part is sent.
  /// - Throws: the error that the batch ends with.
  mutating func answered(sent: Int, left: Int, elapsed: Duration, draw: UInt64) throws(DynamoDBError) -> Duration {
    fruitless = left < sent ? 0 : fruitless + 1
    if left == 0 { return .zero }
    let wait = policy.backoff(max(fruitless, 1), base: fruitless > 0 ? policy.throttleBase : policy.transientBase, draw: draw)
    guard fruitless < policy.maximumAttempts ?? .max, elapsed + wait < policy.deadline else {
      throw DynamoDBError(.unprocessed, "The service was too busy to do all of the batch within \(elapsed).")
    }
    return wait
  }
}
