/// Requests that arrive when nobody waits for their answers any more: duplicates, and those of broken connections.
struct StrayQueue: Sendable {
  struct Stray: Sendable {
    /// Nanoseconds since the simulator's start.
    let due: Int64
    let head: RequestHead
    let body: [UInt8]
  }

  /// In the order in which they arrive; few.
  private var strays: [Stray] = []

  /// - Parameter due: nanoseconds since the simulator's start.
  mutating func add(_ head: RequestHead, _ body: Span<UInt8>, at due: Int64) {
    let index = strays.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
    strays.insert(Stray(due: due, head: head, body: body.indices.map { body[$0] }), at: index)
  }

  /// Takes the first one that arrives by `moment`.
  mutating func next(until moment: Int64) -> Stray? {
    guard let first = strays.first, first.due <= moment else { return nil }
    return strays.removeFirst()
  }
}
