package import DynamoDBClient
package import DynamoDBModel

/// Items of a migration by their sort keys, for whoever keeps something beside the phase.
extension ControlTable {
  /// All items whose sort key begins with `prefix`, in its order.
  package func items(beginningWith prefix: String) async throws(MigrationControlError) -> [Item] {
    let pages = client.queryPages(
      QueryInput(
        tableName: name, keyConditionExpression: "#migration = :migration AND begins_with(#item, :prefix)", consistentRead: true,
        expressionAttributeNames: ["#migration": "migration", "#item": "item"],
        expressionAttributeValues: [":migration": .string(migration), ":prefix": .string(prefix)]), options: CallOptions(retry: retry))
    var items: [Item] = []
    var iterator = pages.makeAsyncIterator()
    while true {
      let page: ScanOutput?
      do { page = try await iterator.next() } catch { throw failed(error) }
      guard let page else { return items }
      items += page.items
    }
  }

  /// The items of these sort keys, none twice, in any order; those that aren't there are left out.
  package func items(_ sortKeys: [String]) async throws(MigrationControlError) -> [Item] {
    if sortKeys.isEmpty { return [] }
    do {
      let output = try await client.batchGetAllItems(
        BatchGetItemInput(requestItems: [name: KeysAndAttributes(keys: sortKeys.map { key($0) }, consistentRead: true)]),
        options: CallOptions(retry: retry))
      return output.responses[name] ?? []
    } catch {
      throw failed(error.cause)
    }
  }

  /// An action of a transaction that puts an item; with a revision only over the one that has it, 0 standing for none.
  package func putting(_ sortKey: String, _ attributes: Item, over revision: Int? = nil) -> TransactWriteItem {
    var item = key(sortKey)
    for (name, value) in attributes { item[name] = value }
    var action = TransactWriteItem(tableName: name, action: .put(item))
    switch revision {
    case nil: break
    case 0?:
      action.conditionExpression = "attribute_not_exists(#item)"
      action.expressionAttributeNames = ["#item": "item"]
    case let revision?:
      action.conditionExpression = "#revision = :revision"
      action.expressionAttributeNames = ["#revision": "revision"]
      action.expressionAttributeValues = [":revision": .number(DynamoDBNumber(revision))]
    }
    return action
  }

  /// Writes an item in place of the one with this revision; 0 stands for none.
  package func put(_ sortKey: String, _ attributes: Item, over revision: Int) async throws(MigrationControlError) -> Change {
    if revision == 0 { return try await put(sortKey, attributes, if: "attribute_not_exists(#item)", names: ["#item": "item"]) }
    return try await put(
      sortKey, attributes, if: "#revision = :revision", names: ["#revision": "revision"],
      values: [":revision": .number(DynamoDBNumber(revision))])
  }

  /// Does all of it or nothing.
  package func transact(_ actions: [TransactWriteItem]) async throws(MigrationControlError) -> Change {
    do {
      _ = try await client.transactWriteItems(
        TransactWriteItemsInput(transactItems: actions), options: CallOptions(resend: .unlessOutcomeUnknown, retry: retry))
      return .done
    } catch {
      if error.outcomeUnknown { return .unknown }
      if error.cancellationReasons.contains(where: { $0?.code == "ConditionalCheckFailed" }) { return .refused }
      throw failed(error)
    }
  }

  /// Removes an item, on condition that its nonce is still this one.
  package func remove(_ sortKey: String, ifNonce nonce: Int) async throws(MigrationControlError) -> Change {
    do {
      _ = try await client.deleteItem(
        DeleteItemInput(
          tableName: name, key: key(sortKey), conditionExpression: "#nonce = :nonce", expressionAttributeNames: ["#nonce": "nonce"],
          expressionAttributeValues: [":nonce": .number(DynamoDBNumber(nonce))]),
        options: CallOptions(resend: .unlessOutcomeUnknown, retry: retry))
      return .done
    } catch {
      return try change(error)
    }
  }

  /// Removes items whatever they hold.
  package func removeAll(_ sortKeys: [String]) async throws(MigrationControlError) {
    if sortKeys.isEmpty { return }
    do {
      _ = try await client.batchWriteAllItems(
        BatchWriteItemInput(requestItems: [name: sortKeys.map { .delete(key: key($0)) }]), options: CallOptions(retry: retry))
    } catch {
      throw failed(error.cause)
    }
  }
}
