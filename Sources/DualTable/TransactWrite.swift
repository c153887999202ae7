internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

/// One TransactWriteItems on its way: performs what the state machine decides.
///
/// Every sending has as many actions as the caller's, in the same order, so that reasons fall to the caller's actions by their places.
internal struct TransactWrite: Sendable {
  /// One of the caller's actions on NEW.
  private struct Part {
    /// A check is what a delete under the same condition would be, but for the deleting.
    let request: GuardedRequest
    let isCheck: Bool
  }

  private let input: TransactWriteItemsInput
  private let repository: DualTableRepository
  private let context: OperationContext
  private let token: IdempotencyToken?
  /// The caller's actions by their places; nil for one on another table.
  private let parts: [Part?]

  internal init(
    _ input: TransactWriteItemsInput, _ context: OperationContext, _ repository: DualTableRepository
  ) throws(DualTableError) {
    self.input = input
    self.context = context
    self.repository = repository
    token = input.clientRequestToken.map { IdempotencyToken($0) }
    try TransactionLimits.check(count: input.transactItems.count)
    var parts: [Part?] = []
    for item in input.transactItems {
      parts.append(try repository.owns(item.tableName) ? Self.part(item, context, repository) : nil)
    }
    try TransactionLimits.check(distinct: parts.compactMap { $0?.request.key })
    self.parts = parts
  }

  private static func part(
    _ item: TransactWriteItem, _ context: OperationContext, _ repository: DualTableRepository
  ) throws(DualTableError) -> Part {
    let mapping = repository.mapping
    var updateText: String?
    let key: Item
    switch item.action {
    case .put(let item):
      key = try repository.check(item: item)
    case .update(let given, let text):
      key = try repository.check(key: given)
      updateText = text
    case .delete(let given), .conditionCheck(let given): key = try repository.check(key: given)
    }
    let expressions = try CallerExpressions(
      condition: item.conditionExpression, update: updateText, names: item.expressionAttributeNames,
      values: item.expressionAttributeValues, mapping: mapping)
    var isCheck = false
    let write: GuardedRequest.Write
    switch item.action {
    case .put(let item): write = .put(item)
    case .update: write = .update(expressions.update)
    case .delete: write = try repository.deletion(of: key, in: context.phase)
    case .conditionCheck:
      write = .delete
      isCheck = true
    }
    let request = GuardedRequest(
      table: repository.newTable, key: key, write: write, condition: expressions.condition, hash: mapping.newSchema.hash.name,
      reserved: repository.reserved, returnValues: nil, returnConsumedCapacity: nil, returnItemCollectionMetrics: nil)
    return Part(request: request, isCheck: isCheck)
  }

  private func rules(_ part: Part) -> GuardedWriteStateMachine.Rules {
    let kind: GuardedWriteStateMachine.Kind =
      switch part.request.write {
      case .put: .put
      case .update: .update
      case .delete: part.isCheck ? .put : .delete
      }
    return .init(
      kind: kind, phase: context.phase, condition: part.request.condition,
      keyAttributes: repository.mapping.newSchema.attributes.map(\.name), reserved: repository.reserved,
      refusalsCarryItems: repository.refusalsCarryItems(inTransactions: true))
  }

  // MARK: - The driver

  internal func perform() async throws(DualTableError) -> TransactWriteItemsOutput {
    var machine = TransactWriteStateMachine(parts.map { $0.map { rules($0) } })
    var answer = TransactWriteItemsOutput()
    var reasons: [ActionError?] = []
    var isRetry = false
    var action = machine.start()
    while true {
      switch action {
      case .send(let guards):
        if isRetry { context.observed?.retries(Self.retry(guards)) }
        isRetry = true
        action = try await send(guards, &machine, &answer, &reasons)
      case .readNew(let places): action = machine.newRead(try await readNew(places))
      case .readOld(let places):
        let keys = try OldKeys(keys(places), of: repository.old)
        let values = try await keys.read(options: context.options(.read)).values
        for value in values { context.oldWasRead(isFound: value != nil) }
        action = machine.oldRead(values)
      case .promote(let promotions):
        context.observed?.retries(.promotion)
        isRetry = false
        try await promote(promotions.map(\.item))
        action = machine.promotionsEnded()
      case .succeed: return answer
      case .fail(let failure): throw error(failure, reasons)
      }
    }
  }

  private func send(
    _ guards: [TransactWriteStateMachine.Guard?], _ machine: inout TransactWriteStateMachine, _ answer: inout TransactWriteItemsOutput,
    _ reasons: inout [ActionError?]
  ) async throws(DualTableError) -> TransactWriteStateMachine.Action {
    var request = input
    for (place, (part, guarded)) in zip(parts, guards).enumerated() {
      guard let part, let guarded else { continue }
      request.transactItems[place] = part.request.action(guarded)
      if part.isCheck { request.transactItems[place].action = .conditionCheck(key: part.request.key) }
    }
    // Without a token of the caller's the client draws one for this call and its tries.
    request.clientRequestToken = token?.derived(for: request)
    // A write that asks for absence brings back what was deleted once deletes leave nothing behind.
    let kind: RequestKind = guards.contains(.missing) ? .copy : .newWrite
    do {
      answer = try await repository.new.transactWriteItems(request, options: context.options(kind, resend: repository.resend))
      return machine.written()
    } catch {
      guard error.code == .transactionCanceled, error.cancellationReasons.count == parts.count, !error.isRetryable else {
        throw failure(error)
      }
      reasons = error.cancellationReasons
      if reasons.contains(where: { $0?.item != nil }) { repository.noteItemInRefusal(inTransaction: true) }
      return machine.cancelled(reasons.map { $0?.reason }, afterLost: error.outcomeUnknown)
    }
  }

  /// Why the transaction goes out again, under these guards.
  private static func retry(_ guards: [TransactWriteStateMachine.Guard?]) -> RepositoryObserver.Retry {
    guards.contains(.missing) ? .missing : guards.contains(.tombstone) ? .tombstone : .otherWriter
  }

  private func keys(_ places: [Int]) -> [Item] { places.compactMap { parts[$0]?.request.key } }

  private func readNew(_ places: [Int]) async throws(DualTableError) -> [PhysicalItem] {
    let found = try await repository.new.items(
      keys(places), in: repository.newTable, schema: repository.mapping.newSchema, options: context.options(.read))
    return found.items.map { PhysicalItem($0, reserved: repository.reserved) }
  }

  /// Copies OLD's values to where nothing is, side by side.
  private func promote(_ items: [Item]) async throws(DualTableError) {
    let outcomes = await withTaskGroup(of: Result<Void, DualTableError>.self) { group in
      for item in items {
        group.addTask {
          do throws(DualTableError) {
            return .success(try await repository.promote(item, context))
          } catch {
            return .failure(error)
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for outcome in outcomes { try outcome.get() }
  }

  // MARK: - Errors

  /// What became of a sending that no guard would have mended.
  private func failure(_ error: DynamoDBError) -> DualTableError {
    if error.outcomeUnknown { return .outcomeUnknown(error) }
    let reasons = error.cancellationReasons.count == parts.count ? error.cancellationReasons : []
    guard reasons.contains(where: { $0?.isConflict ?? false }) else { return .requestFailed(error, cancellationReasons: reasons) }
    return DualTableError(
      .contention, "Other writers were at the same items at every try; nothing was written: try again.", cause: error,
      cancellationReasons: reasons)
  }

  private func error(_ failure: TransactWriteStateMachine.Failure, _ reasons: [ActionError?]) -> DualTableError {
    switch failure {
    case .conditionFailed(let verdicts):
      let places = verdicts.indices.filter { verdicts[$0] != .holds }.map { "\($0)" }.joined(separator: ", ")
      return DualTableError(
        .conditionFailed, "The conditional request failed: conditions are false, those of the actions (from 0) \(places).",
        cancellationReasons: judged(verdicts, reasons))
    case .refused(let verdicts):
      let words = zip(reasons, verdicts).compactMap { reason, _ in reason?.reason == .other ? reason?.message : nil }.first
      return DualTableError(
        .requestFailed, "The service refuses an action of the transaction; `cancellationReasons` says which.", message: words,
        cancellationReasons: judged(verdicts, reasons))
    case .contention:
      return DualTableError(
        .contention, "Other writers won each of \(GuardedWriteStateMachine.mostRounds) rounds; nothing was written: try again.")
    case .outcomeUnknown:
      return DualTableError(
        .outcomeUnknown,
        "An answer was lost, and the transaction was refused when it was sent again; the lost one may happen yet: read the items.")
    }
  }

  /// The reasons as the caller's own transaction would have them: guards are none of his business, nor are tombstones.
  private func judged(_ verdicts: [TransactWriteStateMachine.Verdict], _ reasons: [ActionError?]) -> [ActionError?] {
    verdicts.indices.map { place in
      let reason = reasons.indices.contains(place) ? reasons[place] : nil
      guard case .isFalse(let item) = verdicts[place] else { return reason?.isConditionFailure == true ? nil : reason }
      let tellsItem = input.transactItems[place].returnValuesOnConditionCheckFailure == .allOld
      return ActionError(
        code: "ConditionalCheckFailed", message: "The conditional request failed", item: tellsItem ? item : nil)
    }
  }
}

extension ActionError {
  fileprivate var isConflict: Bool { code == "TransactionConflict" }
  fileprivate var isConditionFailure: Bool { code == "ConditionalCheckFailed" }

  /// What the state machine is told; nil for what passes, as another transaction or load.
  fileprivate var reason: TransactWriteStateMachine.Reason? {
    isConditionFailure
      ? .conditionFailed(item) : ["ThrottlingError", "ProvisionedThroughputExceeded"].contains(code) || isConflict ? nil : .other
  }
}
