/// The items of transactions that are under way: nobody else writes them, and no transaction reads them.
struct HeldItems: Sendable {
  private var holds: [(table: String, place: Place, until: Int64)] = []

  /// Holds an item until a time, in milliseconds since 1970.
  mutating func hold(_ table: String, _ place: Place, until end: Int64) { holds.append((table, place, end)) }

  /// Lets go what is held no longer.
  mutating func release(at now: Int64) {
    if !holds.isEmpty { holds.removeAll { $0.until <= now } }
  }

  func contains(_ table: String, _ place: Place) -> Bool {
    !holds.isEmpty && holds.contains { $0.table == table && $0.place == place }
  }
}

extension SimulatedService {
  /// The refusal of a request for an item that a transaction holds; nil if none does.
  func conflict(over place: Place, of table: Int) -> ServiceError? {
    guard heldItems.contains(tables[table].name, place) else { return nil }
    return .service("TransactionConflictException", "Transaction is ongoing for the item")
  }
}
