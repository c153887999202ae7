/// Who keeps a pass's progress: hands out segments, and makes each page's end last before the page counts.
///
/// A state directory does it for one process (`PassCheckpoint`), a control table for any number of them (`LeasedCheckpoint`). Whichever it
/// is, killed at any instant a pass redoes at most the pages whose end wasn't written yet, and counts each page once.
package protocol CheckpointStore: Sendable {
  /// Hands a free worker its next segment, as its last written page left it.
  ///
  /// - Returns: nil if no segment is left, or if the pass was asked to stop while others held what is left.
  func next() async throws -> SegmentPage?

  /// Takes down that a page ended, and returns the page that follows in its segment, or the first of the next segment.
  ///
  /// The page's lines are safe before it counts. Where somebody else has taken the segment over meanwhile, the page doesn't count, since
  /// they deal with it again.
  /// - Returns: nil as `next` does.
  func completed(_ page: SegmentPage, _ outcome: consuming PassCheckpoint.Outcome) async throws -> SegmentPage?

  /// Gives a segment back that a worker holds, as its last finished page left it.
  func release(_ page: SegmentPage) async

  /// Writes down what an operator changed.
  func changed(_ change: PassChange) async throws

  /// Makes everything last and gives every segment back; the end of this process's work on the pass.
  func finish() async throws

  /// True once every segment is done.
  var isComplete: Bool { get async }

  /// Where the pass stands, as far as is known here.
  var status: PassCheckpoint.Status { get async }
}
