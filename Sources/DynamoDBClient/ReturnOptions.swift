/// Whether an answer reports the capacity it used.
public enum ReturnConsumedCapacity: String, Sendable, Hashable, CaseIterable {
  /// The sum.
  case total = "TOTAL"
  /// The sum, and the table's and each index's part.
  case indexes = "INDEXES"
  /// Nothing; the service's default.
  case none = "NONE"
}

/// Which attributes a write returns; puts and deletes take `none` and `allOld` only.
public enum ReturnValue: String, Sendable, Hashable, CaseIterable {
  /// Nothing; the service's default.
  case none = "NONE"
  /// The item as it was.
  case allOld = "ALL_OLD"
  /// What the update changed, as it was.
  case updatedOld = "UPDATED_OLD"
  /// The item as it is now.
  case allNew = "ALL_NEW"
  /// What the update changed, as it is now.
  case updatedNew = "UPDATED_NEW"
}

/// Whether a refused write carries the item that its condition met.
public enum ReturnValuesOnConditionCheckFailure: String, Sendable, Hashable, CaseIterable {
  /// The whole item, at no read cost.
  case allOld = "ALL_OLD"
  /// Nothing; the service's default.
  case none = "NONE"
}

/// Whether a write reports the size of its item's collection.
public enum ReturnItemCollectionMetrics: String, Sendable, Hashable, CaseIterable {
  /// An estimate.
  case size = "SIZE"
  /// Nothing; the service's default.
  case none = "NONE"
}

/// What a scan or a query returns of each item.
public enum Select: String, Sendable, Hashable, CaseIterable {
  /// The whole item.
  case allAttributes = "ALL_ATTRIBUTES"
  /// What the index holds of it.
  case allProjectedAttributes = "ALL_PROJECTED_ATTRIBUTES"
  /// What the projection expression names.
  case specificAttributes = "SPECIFIC_ATTRIBUTES"
  /// Nothing; items are counted.
  case count = "COUNT"
}
