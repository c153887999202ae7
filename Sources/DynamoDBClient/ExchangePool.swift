/// The exchanges that no call uses at the moment.
struct ExchangePool {
  private let limit: Int
  private var idle: [Exchange] = []

  /// - Parameter limit: how many are kept.
  init(limit: Int) { self.limit = limit }

  /// Takes out one that signs for `operation`, of those that were used last.
  mutating func take(_ operation: DynamoDBOperation) -> Exchange? {
    guard let place = idle.lastIndex(where: { $0.operation == operation }) else { return nil }
    idle.swapAt(place, idle.count - 1)
    return idle.removeLast()
  }

  /// Takes one back, and lets one go where there are too many.
  mutating func put(_ exchange: Exchange) {
    if idle.count == limit { idle.removeFirst() }
    idle.append(exchange)
  }
}
