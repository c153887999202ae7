internal import AWSAuth
internal import DualTableMapping
public import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

extension DualTableRepository {
  /// Writes a whole item, in place of what was there.
  ///
  /// Without a condition it costs one request. What it replaced (`returnValues: .allOld`) comes from the old table where only that has it;
  /// after a lost answer that was sent again it may be the item itself. Capacity is reported of the write that landed.
  ///
  /// - Throws: `DualTableError`, `conditionFailed` where the condition is false.
  public func putItem(_ input: PutItemInput) async throws(DualTableError) -> PutItemOutput {
    try check(table: input.tableName)
    guard let key = mapping.newSchema.key(of: input.item) else { throw invalidKey }
    guard input.item[reserved] == nil else { throw .reservedName(reserved) }
    let expressions = try CallerExpressions(
      condition: input.conditionExpression, names: input.expressionAttributeNames, values: input.expressionAttributeValues,
      mapping: mapping)
    let answer = try await perform(
      .put,
      GuardedRequest(
        table: newTable, key: key, write: .put(input.item), condition: expressions.condition, hash: mapping.newSchema.hash.name,
        reserved: reserved, returnValues: input.returnValues, returnConsumedCapacity: input.returnConsumedCapacity,
        returnItemCollectionMetrics: input.returnItemCollectionMetrics),
      tellsItem: input.returnValuesOnConditionCheckFailure == .allOld)
    return PutItemOutput(
      attributes: answer.attributes, consumedCapacity: answer.consumedCapacity, itemCollectionMetrics: answer.itemCollectionMetrics)
  }

  /// Changes attributes of an item, or makes one where there is none.
  ///
  /// An item that only the old table has is first copied as it is. Updates that depend on the item they meet are never sent again when an
  /// answer was lost. Capacity is reported of the write that landed.
  ///
  /// - Throws: `DualTableError`, `conditionFailed` where the condition is false.
  public func updateItem(_ input: UpdateItemInput) async throws(DualTableError) -> UpdateItemOutput {
    try check(table: input.tableName)
    let key = try check(key: input.key)
    let expressions = try CallerExpressions(
      condition: input.conditionExpression, update: input.updateExpression, names: input.expressionAttributeNames,
      values: input.expressionAttributeValues, mapping: mapping)
    let answer = try await perform(
      .update,
      GuardedRequest(
        table: newTable, key: key, write: .update(expressions.update), condition: expressions.condition,
        hash: mapping.newSchema.hash.name, reserved: reserved, returnValues: input.returnValues,
        returnConsumedCapacity: input.returnConsumedCapacity, returnItemCollectionMetrics: input.returnItemCollectionMetrics),
      tellsItem: input.returnValuesOnConditionCheckFailure == .allOld)
    return UpdateItemOutput(
      attributes: answer.attributes, consumedCapacity: answer.consumedCapacity, itemCollectionMetrics: answer.itemCollectionMetrics)
  }

  /// Deletes an item.
  ///
  /// Before phase 5 a tombstone takes its place, unless the key can have no item in the old table. Capacity is reported of the write that
  /// landed.
  ///
  /// - Throws: `DualTableError`, `conditionFailed` where the condition is false.
  public func deleteItem(_ input: DeleteItemInput) async throws(DualTableError) -> DeleteItemOutput {
    try check(table: input.tableName)
    let key = try check(key: input.key)
    let expressions = try CallerExpressions(
      condition: input.conditionExpression, names: input.expressionAttributeNames, values: input.expressionAttributeValues,
      mapping: mapping)
    let answer = try await perform(
      .delete,
      GuardedRequest(
        table: newTable, key: key, write: .delete, condition: expressions.condition,
        hash: mapping.newSchema.hash.name, reserved: reserved, returnValues: input.returnValues,
        returnConsumedCapacity: input.returnConsumedCapacity, returnItemCollectionMetrics: input.returnItemCollectionMetrics),
      tellsItem: input.returnValuesOnConditionCheckFailure == .allOld)
    return DeleteItemOutput(
      attributes: answer.attributes, consumedCapacity: answer.consumedCapacity, itemCollectionMetrics: answer.itemCollectionMetrics)
  }

  /// How a delete is written: as a tombstone while OLD may still count or come back to count, unless it can't have an item for this key.
  internal func deletion(of key: Item, in phase: MigrationPhase) throws(DualTableError) -> GuardedRequest.Write {
    guard phase <= .newWithTombstones, try old.key(for: key) != nil else { return .delete }
    var tombstone = key
    tombstone[reserved] = .number(DynamoDBNumber(new.wallClock.now()))
    return .put(tombstone)
  }

  // MARK: - The driver

  /// Performs a write by the state machine's decisions.
  private func perform(
    _ kind: GuardedWriteStateMachine.Kind, _ request: GuardedRequest, tellsItem: Bool
  ) async throws(DualTableError) -> GuardedRequest.Answer {
    try await operate(.newWrite) { context throws(DualTableError) in
      var request = request
      if kind == .delete { request.write = try deletion(of: request.key, in: context.phase) }
      return try await perform(kind, request, tellsItem: tellsItem, context)
    }
  }

  private func perform(
    _ kind: GuardedWriteStateMachine.Kind, _ request: GuardedRequest, tellsItem: Bool, _ context: OperationContext
  ) async throws(DualTableError) -> GuardedRequest.Answer {
    let returnsOld = request.returnValues == .allOld || request.returnValues == .updatedOld
    var machine = GuardedWriteStateMachine(
      .init(
        kind: kind, phase: context.phase, condition: request.condition, keyAttributes: mapping.newSchema.attributes.map(\.name),
        reserved: reserved, returnsOld: returnsOld, refusalsCarryItems: refusalsCarryItems))
    do {
      return try await perform(request, &machine, tellsItem: tellsItem, context)
    } catch {
      guard machine.mayHaveLanded, error.code != .outcomeUnknown else { throw error }
      throw DualTableError(.outcomeUnknown, "An answer was lost, and the write could not be finished: it may have happened.", cause: error)
    }
  }

  private func perform(
    _ request: GuardedRequest, _ machine: inout GuardedWriteStateMachine, tellsItem: Bool, _ context: OperationContext
  ) async throws(DualTableError) -> GuardedRequest.Answer {
    var answer: GuardedRequest.Answer?
    var action = machine.start()
    while true {
      switch action {
      case .send(let guarded): action = try await send(request, guarded, &machine, &answer, context)
      case .readNew: action = machine.newRead(try await readNew(request.key, context))
      case .readOld: action = machine.oldRead(try await readOld(request.key, hasWritten: answer != nil, context))
      case .promote(let item):
        try await promote(item, context)
        action = machine.promotionEnded()
      case .succeed(let returned):
        var result = answer ?? GuardedRequest.Answer()
        if case .item(let item) = returned { result.attributes = item }
        return result
      case .fail(let failure): throw DualTableError(failure, tellsItem: tellsItem)
      }
    }
  }

  private func send(
    _ request: GuardedRequest, _ guarded: GuardedWriteStateMachine.Guard, _ machine: inout GuardedWriteStateMachine,
    _ answer: inout GuardedRequest.Answer?, _ context: OperationContext
  ) async throws(DualTableError) -> GuardedWriteStateMachine.Action {
    // What goes out only where nothing is may bring a deleted item back once deletes leave nothing.
    let options = context.options(
      guarded == .missing ? .copy : .newWrite,
      resend: retryUnknownWrites && !request.readsAttributes ? .always : .unlessOutcomeUnknown)
    do throws(DynamoDBError) {
      let landed = try await request.send(guarded, to: new, options)
      answer = landed
      return machine.written(replaced: landed.attributes)
    } catch {
      if error.code == .conditionalCheckFailed {
        if error.item != nil { noteItemInRefusal() }
        return machine.refused(error.item, afterLost: error.outcomeUnknown)
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
        .replacedItemUnknown, "The item was put; what it replaced could not be read from the old table.", cause: error.cause)
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
        options: context.options(.copy, resend: retryUnknownWrites ? .always : .unlessOutcomeUnknown))
    } catch {
      guard error.code == .conditionalCheckFailed || error.outcomeUnknown else { throw .requestFailed(error) }
    }
  }
}

extension GuardedRequest {
  /// True if what is left behind depends on what was there, so that it may count twice if sent twice.
  fileprivate var readsAttributes: Bool {
    if case .update(let update?) = write { update.readsAttributes } else { false }
  }
}

extension DualTableError {
  fileprivate init(_ failure: GuardedWriteStateMachine.Failure, tellsItem: Bool) {
    switch failure {
    case .conditionFailed(let item):
      self.init(.conditionFailed, "The conditional request failed", item: tellsItem ? item : nil)
    case .contention:
      self.init(
        .contention, "Other writers won each of \(GuardedWriteStateMachine.mostRounds) rounds; nothing was written: try again.")
    case .outcomeUnknown:
      self.init(
        .outcomeUnknown,
        "An answer was lost, and the condition was false when the write was sent again, perhaps by its own doing; read the item.")
    }
  }
}
