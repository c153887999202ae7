internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

/// The driver of guarded writes: it does what the state machine decides, and nothing else.
extension DualTableRepository {
  /// Performs a write.
  ///
  /// - Parameters:
  ///   - kind: what it is; a delete is turned into what the phase writes in its place.
  ///   - tellsItem: true if a false condition's error is to carry the item.
  internal func perform(
    _ kind: GuardedWriteStateMachine.Kind, _ request: GuardedRequest, tellsItem: Bool, _ options: CallOptions
  ) async throws(DualTableError) -> WriteItemOutput {
    try await operate(.newWrite, kind.operation, options) { context throws(DualTableError) in
      var request = request
      if kind == .delete { request.write = try deletion(of: request.key, in: context.phase) }
      return try await perform(kind, request, tellsItem: tellsItem, context)
    }
  }

  private func perform(
    _ kind: GuardedWriteStateMachine.Kind, _ request: GuardedRequest, tellsItem: Bool, _ context: OperationContext
  ) async throws(DualTableError) -> WriteItemOutput {
    let returnsOld = request.returnValues == .allOld || request.returnValues == .updatedOld
    var machine = GuardedWriteStateMachine(
      .init(
        kind: kind, phase: context.phase, condition: request.condition, keyAttributes: mapping.newSchema.attributes.map(\.name),
        reserved: reserved, returnsOld: returnsOld, isIdempotent: request.token != nil,
        refusalsCarryItems: refusalsCarryItems(inTransactions: request.token != nil)))
    do {
      return try await perform(request, &machine, tellsItem: tellsItem, context)
    } catch {
      guard machine.mayHaveLanded, error.code != .outcomeUnknown else { throw error }
      throw DualTableError(.outcomeUnknown, "An answer was lost, and the write could not be finished: it may have happened.", cause: error)
    }
  }

  private func perform(
    _ request: GuardedRequest, _ machine: inout GuardedWriteStateMachine, tellsItem: Bool, _ context: OperationContext
  ) async throws(DualTableError) -> WriteItemOutput {
    var answer: WriteItemOutput?
    var isRetry = false
    var action = machine.start()
    while true {
      switch action {
      case .send(let guarded):
        if isRetry { context.observed?.retries(guarded.retry) }
        isRetry = true
        action = try await send(request, guarded, &machine, &answer, context)
      case .readNew: action = machine.newRead(try await readNew(request.key, context))
      case .readOld: action = machine.oldRead(try await readOld(request.key, hasWritten: answer != nil, context))
      case .promote(let item):
        context.observed?.retries(.promotion)
        isRetry = false
        try await promote(item, context)
        action = machine.promotionEnded()
      case .succeed(let returned):
        var result = answer ?? WriteItemOutput()
        if case .item(let item) = returned { result.attributes = item }
        return result
      case .fail(let failure): throw DualTableError(failure, tellsItem: tellsItem)
      }
    }
  }

  private func send(
    _ request: GuardedRequest, _ guarded: GuardedWriteStateMachine.Guard, _ machine: inout GuardedWriteStateMachine,
    _ answer: inout WriteItemOutput?, _ context: OperationContext
  ) async throws(DualTableError) -> GuardedWriteStateMachine.Action {
    // What goes out only where nothing is may bring a deleted item back once deletes leave nothing.
    let options = context.options(
      guarded == .missing ? .copy : .newWrite, resend: request.countsTwice ? .unlessOutcomeUnknown : resend)
    do throws(DynamoDBError) {
      let landed = try await request.send(guarded, to: new, options)
      answer = landed
      return machine.written(replaced: landed.attributes)
    } catch {
      if error.isRefusal {
        if error.refusalItem != nil { noteItemInRefusal(inTransaction: request.token != nil) }
        return machine.refused(error.refusalItem, afterLost: error.outcomeUnknown)
      }
      // Whatever a later try was told, an earlier one of the same request may have landed.
      throw error.outcomeUnknown ? .outcomeUnknown(error) : .requestFailed(error)
    }
  }

  private func readNew(_ key: Item, _ context: OperationContext) async throws(DualTableError) -> PhysicalItem {
    do {
      let output = try await new.getItem(
        GetItemInput(tableName: newTable, key: key, consistentRead: true), options: context.options(.read))
      return PhysicalItem(output.item, reserved: reserved)
    } catch {
      throw .requestFailed(error)
    }
  }

  private func readOld(_ key: Item, hasWritten: Bool, _ context: OperationContext) async throws(DualTableError) -> Item? {
    do {
      return try await old.item(key, consistent: true, context)
    } catch {
      guard hasWritten else { throw error }
      throw DualTableError(
        .replacedItemUnknown,
        "The item was put; what it replaced could not be read from the old table: do without it, or mend the mapping for the next.",
        cause: error.cause)
    }
  }

  /// Copies OLD's value to where nothing is. That it is refused means that someone else wrote first; that its answer is lost, that step 1
  /// will tell: either way the write goes on.
  internal func promote(_ item: Item, _ context: OperationContext) async throws(DualTableError) {
    var writer = ExpressionWriter()
    let condition = writer.write(.attributeNotExists(DocumentPath(root: mapping.newSchema.hash.name)))
    do {
      _ = try await new.putItem(
        PutItemInput(
          tableName: newTable, item: item, conditionExpression: condition, expressionAttributeNames: writer.attributeNames),
        options: context.options(.copy, resend: resend))
    } catch {
      guard error.code == .conditionalCheckFailed || error.outcomeUnknown else { throw .requestFailed(error) }
    }
  }
}

extension GuardedRequest {
  /// True if it must not go out again after a lost answer: what is left behind depends on what was there, and no token tells the service
  /// that it is the same write.
  fileprivate var countsTwice: Bool {
    if case .update(let update?) = write { token == nil && update.readsAttributes } else { false }
  }
}

extension GuardedWriteStateMachine.Kind {
  fileprivate var operation: String {
    switch self {
    case .put: "PutItem"
    case .update: "UpdateItem"
    case .delete: "DeleteItem"
    }
  }
}

extension GuardedWriteStateMachine.Guard {
  /// Why the write goes out again, under this guard.
  fileprivate var retry: RepositoryObserver.Retry {
    switch self {
    case .tombstone: .tombstone
    case .missing: .missing
    case .none, .live, .notTombstone: .otherWriter
    }
  }
}

extension DynamoDBError {
  /// True if a write was refused for its condition, alone or as the one action of a transaction.
  fileprivate var isRefusal: Bool {
    code == .conditionalCheckFailed || code == .transactionCanceled && cancellationReasons.first??.code == "ConditionalCheckFailed"
  }

  /// The item that a refused write met, where the engine says so.
  fileprivate var refusalItem: Item? { item ?? cancellationReasons.first??.item }
}

extension DualTableError {
  fileprivate init(_ failure: GuardedWriteStateMachine.Failure, tellsItem: Bool) {
    switch failure {
    case .conditionFailed(let item):
      self.init(.conditionFailed, "The conditional request failed", item: tellsItem ? item : nil)
    case .contention:
      self.init(
        .contention,
        "Other writers won each of \(GuardedWriteStateMachine.mostRounds) rounds; nothing was written: try again, and if it happens "
          + "often, spread the writes over more keys.")
    case .outcomeUnknown:
      self.init(
        .outcomeUnknown,
        "An answer was lost, and the write was refused when it was sent again, perhaps by its own doing: read the item to learn whether "
          + "it happened.")
    }
  }
}
