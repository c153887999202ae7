public import DynamoDBClient
internal import MigrationControl

extension DualTableRepository {
  /// Reads up to 100 items as they are at one moment.
  ///
  /// Reads of other tables go along as they are; in phases 1 and 2 that takes one client for both tables. Capacity is reported of both.
  ///
  /// - Returns: the items in the reads' order; nil for a key that has none, or that was deleted.
  /// - Throws: `DualTableError`: `unconvertible` where one of the old table's items can't be converted, `requestFailed` with
  ///   `cancellationReasons` where writers were in the way at every try, or what is wrong with the request.
  public func transactGetItems(
    _ input: TransactGetItemsInput, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> TransactGetItemsOutput {
    try await operate(.read, "TransactGetItems", options) { (context) throws(DualTableError) in
      var read = try TransactRead(input, context, self)
      return try await read.perform()
    }
  }

  /// Does up to 100 actions, all or none.
  ///
  /// It costs one request where the new table has every item that an action asks something of. Items that only the old table has cost a
  /// second sending, and a copy each if they are updated. Actions on other tables go along as they are. Every sending has a token, so that
  /// it lands once though it is sent again; the caller's own makes that hold for one call, since each rewritten sending has one derived
  /// from it. Capacity is reported of the sending that landed.
  ///
  /// - Throws: `DualTableError`: `conditionFailed` where conditions are false, with `cancellationReasons` in the order of the actions;
  ///   `outcomeUnknown` where an answer was lost and the next one said no; `contention`; `requestFailed`, or what is wrong with the
  ///   request.
  public func transactWriteItems(
    _ input: TransactWriteItemsInput, options: CallOptions = CallOptions()
  ) async throws(DualTableError) -> TransactWriteItemsOutput {
    try await operate(.newWrite, "TransactWriteItems", options) { (context) throws(DualTableError) in
      let write = try TransactWrite(input, context, self)
      return try await write.perform()
    }
  }
}
