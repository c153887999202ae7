internal import DynamoDBModel

/// What the service asks of every transaction, asked before anything is sent, and of the caller's actions.
internal enum TransactionLimits {
  /// Actions in a transaction at most.
  internal static let mostActions = 100

  internal static func check(count: Int) throws(DualTableError) {
    guard (1...mostActions).contains(count) else {
      throw DualTableError(.invalidTransaction, "A transaction has 1 to \(mostActions) actions, not \(count).")
    }
  }

  internal static func check(distinct keys: [Item]) throws(DualTableError) {
    guard Set(keys).count == keys.count else {
      throw DualTableError(.invalidTransaction, "Transaction request cannot include multiple operations on one item")
    }
  }
}

extension DualTableRepository {
  /// True for the new table, false for one that is none of the migration's: what is asked of it is passed on as it came.
  ///
  /// - Throws: `wrongTable` for the old table, and for either table by another name than the repository's, which would go by its guards.
  internal func owns(_ table: String) throws(DualTableError) -> Bool {
    if table == newTable { return true }
    let name = table.tableName
    guard name != newTable.tableName, name != old.name.tableName else {
      throw DualTableError(
        .wrongTable,
        "The table \(table) is one of the migration's: a transaction names the new one as the repository does, \(newTable), and "
          + "never the old one.")
    }
    return false
  }
}

extension String {
  /// The name in a table's ARN; a name as it is.
  fileprivate var tableName: Substring { hasPrefix("arn:") ? self[(lastIndex(of: "/").map(index(after:)) ?? startIndex)...] : self[...] }
}
