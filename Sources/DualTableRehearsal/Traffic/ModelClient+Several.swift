internal import DualTable
internal import DynamoDBClient
internal import DynamoDBModel

/// Operations on several keys at once; each key's part is judged by itself.
extension ModelClient {
  /// Reads keys in one transaction; false if nobody answered.
  func readTogether(_ names: [String]) async -> Bool {
    let start = recorder.stamp()
    let input = TransactGetItemsInput(
      transactItems: names.map { TransactGetItem(tableName: forms.newTable, key: forms.newKey($0)) })
    guard let output = try? await instance.repository.transactGetItems(input) else { return false }
    for (name, item) in zip(names, output.responses) {
      note(Call(key: name, operation: .get), start, .ok(result: forms.newValue(item, of: name), tells: true))
    }
    return true
  }

  /// Performs writes in one transaction; true if it is decided.
  func writeTogether(_ calls: [Call]) async -> Bool {
    let calls = calls.map { call in
      var call = call
      // Transactions return no values.
      call.tellsResult = false
      return call
    }
    let start = recorder.stamp()
    let told = await tellTogether(calls)
    for (call, told) in zip(calls, told) { note(call, start, told) }
    return told.contains { $0.isDecided }
  }

  private func tellTogether(_ calls: [Call]) async -> [Told] {
    do {
      return try await instance.repository.write(
        old: { old in
          var actions: [TransactWriteItem] = []
          for call in calls {
            guard let request = forms.oldRequest(call) else { throw NoRoom() }
            actions.append(TransactWriteItem(request))
          }
          // Not sent again where its outcome is unknown: its token is good for ten minutes, and a first try may arrive later than that, behind
          // others' writes.
          _ = try await old.transactWriteItems(
            TransactWriteItemsInput(transactItems: actions), options: CallOptions(resend: .unlessOutcomeUnknown))
          return calls.map { _ in .ok(result: nil, tells: false) }
        },
        new: { repository in
          let actions = calls.map { TransactWriteItem(forms.newRequest($0)) }
          _ = try await repository.transactWriteItems(TransactWriteItemsInput(transactItems: actions))
          return calls.map { _ in .ok(result: nil, tells: false) }
        })
    } catch {
      let reasons = (error as? DualTableError)?.cancellationReasons ?? (error as? DynamoDBError)?.cancellationReasons ?? []
      guard reasons.count == calls.count else { return calls.map { _ in Told(error, inTransaction: true) } }
      return reasons.map { $0?.code == "ConditionalCheckFailed" ? .refused : .nothing }
    }
  }

  /// Reads all pages of a partition of NEW; false if nobody answered.
  ///
  /// Where the mapping can't say in which partition of OLD they are, an index tells, which no consistent read may take: what it says is held
  /// to have no item twice, and no more.
  func query(_ hash: AttributeValue, _ catalog: Catalog, limit: Int?) async -> Bool {
    var input = QueryInput(tableName: forms.newTable, keyConditionExpression: "#h = :h")
    input.consistentRead = true
    input.limit = limit
    input.expressionAttributeNames = ["#h": catalog.rules.mapping.newSchema.hash.name]
    input.expressionAttributeValues = [":h": hash]
    let start = recorder.stamp()
    var found: [String: Item] = [:]
    do throws(DualTableError) {
      var items: [Item]
      var isConsistent = true
      do throws(DualTableError) {
        items = try await all(input)
      } catch {
        guard error.code == .queryNeedsBackfill else { throw error }
        isConsistent = false
        input.consistentRead = nil
        items = try await all(input)
      }
      for item in items {
        guard let register = catalog.register(of: item) else { continue }
        if found.updateValue(item, forKey: register.name) != nil { recorder.failed("A query handed out \(register.name) twice.") }
      }
      guard isConsistent else { return true }
    } catch {
      // A mapping without an index for it: the answer is that there is none before the backfill's end.
      return error.code == .queryNeedsBackfill
    }
    for register in catalog.registers(at: hash) {
      note(
        Call(key: register.name, operation: .get), start,
        .ok(result: forms.newValue(found[register.name], of: register.name), tells: true))
    }
    return true
  }

  private func all(_ input: QueryInput) async throws(DualTableError) -> [Item] {
    var items: [Item] = []
    var pages = instance.repository.queryPages(input).makeAsyncIterator()
    while let page = try await pages.next() { items += page.items }
    return items
  }
}

extension Told {
  fileprivate init(_ error: any Error, inTransaction: Bool) {
    self.init(error)
    // Which of the conditions was false nobody said, and nothing happened.
    if case .refused = self { self = .nothing }
  }
}

extension TransactWriteItem {
  fileprivate init(_ request: RegisterWrite) {
    switch request {
    case .put(let input):
      self.init(
        tableName: input.tableName, action: .put(input.item), conditionExpression: input.conditionExpression,
        expressionAttributeNames: input.expressionAttributeNames, expressionAttributeValues: input.expressionAttributeValues)
    case .update(let input):
      self.init(
        tableName: input.tableName, action: .update(key: input.key, updateExpression: input.updateExpression ?? ""),
        conditionExpression: input.conditionExpression, expressionAttributeNames: input.expressionAttributeNames,
        expressionAttributeValues: input.expressionAttributeValues)
    case .delete(let input): self.init(tableName: input.tableName, action: .delete(key: input.key))
    }
  }
}
