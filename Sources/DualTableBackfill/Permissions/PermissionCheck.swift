internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import MigrationControl

/// Finds out which permissions the caller has, by requests that can't change anything.
///
/// The service looks at policies before it looks at tables and conditions. So what would write is sent so that it can't: with a condition
/// that is false of every item, for a policy of a revision that there isn't, or for a key that isn't one. A write whose condition is false
/// costs a write unit, a transaction's two; what is invalid costs nothing.
struct PermissionCheck: Sendable {
  private let sides: [Permission.Resource: TableSide]
  private let schemas: [Permission.Resource: KeySchema]
  private let facts: PlanFacts

  /// - Parameters:
  ///   - control: nil where there is no control table.
  ///   - controlSchema: how a control table is keyed.
  init(
    old: TableSide, oldSchema: KeySchema, new: TableSide, newSchema: KeySchema, control: TableSide?, controlSchema: KeySchema,
    facts: PlanFacts
  ) {
    sides = [.old: old, .oldIndexes: old, .new: new, .newIndexes: new].merging(control.map { [.control: $0] } ?? [:]) { $1 }
    schemas = [.old: oldSchema, .new: newSchema, .control: controlSchema]
    self.facts = facts
  }

  /// Those of `permissions` that a policy denies, or none allows; what an engine doesn't know counts as allowed.
  ///
  /// - Throws: where the service can't be reached, is too busy to say, or doesn't take the credentials.
  func missing(_ permissions: [Permission]) async throws(DynamoDBError) -> [PlanFacts.Denial] {
    var missing: [PlanFacts.Denial] = []
    for permission in permissions {
      guard let side = sides[permission.resource] else { continue }
      do {
        try await probe(permission, side)
      } catch {
        guard error.code == .accessDenied else {
          // Any other refusal came after the policies were asked, but for those of a service that doesn't believe who asks.
          let isOfSigner = error.isExpiry || error.code.mayBeSkew || error.code == .missingAuthenticationToken
          if isOfSigner || error.isRetryable || error.httpStatus == nil { throw error }
          continue
        }
        missing.append(
          PlanFacts.Denial(action: permission.action.name, table: side.table + name(permission.resource), role: permission.role))
      }
    }
    return missing
  }

  private func name(_ resource: Permission.Resource) -> String {
    index(resource).map { "/index/\($0.name)" } ?? ""
  }

  /// An index of the table, and how it is keyed; nil where there is none.
  private func index(_ resource: Permission.Resource) -> (name: String, keys: KeySchema)? {
    let table: TableDescription? =
      switch resource {
      case .oldIndexes: facts.old.description
      case .newIndexes: facts.new?.description
      case .old, .new, .control: nil
      }
    guard let table, let index = (table.globalSecondaryIndexes + table.localSecondaryIndexes).first,
      let keys = KeySchema(index.keySchema, table.attributeDefinitions)
    else { return nil }
    return (index.indexName, keys)
  }

  private func probe(_ permission: Permission, _ side: TableSide) async throws(DynamoDBError) {
    if let schema = schemas[permission.resource] {
      try await probe(permission.action, side, schema)
    } else if let index = index(permission.resource) {
      try await read(permission.action, side, index.keys, index: index.name)
    }
  }

  private func probe(_ action: Permission.Action, _ side: TableSide, _ schema: KeySchema) async throws(DynamoDBError) {
    let (client, table) = (side.client, side.table)
    switch action {
    case .describeTable: _ = try await client.describeTable(DescribeTableInput(tableName: table))
    case .describeTimeToLive: _ = try await client.describeTimeToLive(DescribeTimeToLiveInput(tableName: table))
    case .describeContinuousBackups: _ = try await client.describeContinuousBackups(DescribeContinuousBackupsInput(tableName: table))
    case .listTagsOfResource, .getResourcePolicy, .putResourcePolicy, .deleteResourcePolicy:
      guard let arn = table.hasPrefix("arn:") ? table : facts.old.description.tableArn else { return }
      try await ofARN(action, client, arn)
    case .getItem, .batchGetItem, .query, .scan: try await read(action, side, schema, index: nil)
    case .putItem, .updateItem, .deleteItem, .conditionCheckItem: try await writeNothing(action, side, schema)
    case .batchWriteItem: _ = try await client.batchWriteItem(BatchWriteItemInput(requestItems: [table: [.delete(key: schema.noKey)]]))
    case .partiQLInsert: try await insertNothing(side, schema)
    case .createTable: try await createNothing(side, schema)
    }
  }

  private func ofARN(_ action: Permission.Action, _ client: DynamoDBClient, _ arn: String) async throws(DynamoDBError) {
    let noRevision = "0"
    switch action {
    case .listTagsOfResource: _ = try await client.listTagsOfResource(ListTagsOfResourceInput(resourceArn: arn))
    case .getResourcePolicy: _ = try await client.getResourcePolicy(GetResourcePolicyInput(resourceArn: arn))
    case .putResourcePolicy:
      // No engine takes this for a policy, even one that doesn't look at revisions.
      _ = try await client.putResourcePolicy(PutResourcePolicyInput(resourceArn: arn, policy: "{}", expectedRevisionId: noRevision))
    default:
      _ = try await client.deleteResourcePolicy(DeleteResourcePolicyInput(resourceArn: arn, expectedRevisionId: noRevision))
    }
  }

  private func read(
    _ action: Permission.Action, _ side: TableSide, _ schema: KeySchema, index: String?
  ) async throws(DynamoDBError) {
    let (client, table, key) = (side.client, side.table, schema.probe)
    switch action {
    case .getItem: _ = try await client.getItem(GetItemInput(tableName: table, key: key))
    case .batchGetItem: _ = try await client.batchGetItem(BatchGetItemInput(requestItems: [table: KeysAndAttributes(keys: [key])]))
    case .query:
      var values = AttributeMap()
      values[":hash"] = key[schema.hash.name]
      _ = try await client.query(
        QueryInput(
          tableName: table, indexName: index, keyConditionExpression: "#hash = :hash", limit: 1,
          expressionAttributeNames: ["#hash": schema.hash.name], expressionAttributeValues: values))
    default: _ = try await client.scan(ScanInput(tableName: table, indexName: index, limit: 1))
    }
  }

  /// Sends a write whose condition no item meets.
  private func writeNothing(_ action: Permission.Action, _ side: TableSide, _ schema: KeySchema) async throws(DynamoDBError) {
    let (client, table, key) = (side.client, side.table, schema.probe)
    let (condition, names) = ("attribute_exists(#hash) AND attribute_not_exists(#hash)", ["#hash": schema.hash.name])
    switch action {
    case .putItem:
      _ = try await client.putItem(
        PutItemInput(tableName: table, item: key, conditionExpression: condition, expressionAttributeNames: names))
    case .updateItem:
      _ = try await client.updateItem(
        UpdateItemInput(tableName: table, key: key, conditionExpression: condition, expressionAttributeNames: names))
    case .deleteItem:
      _ = try await client.deleteItem(
        DeleteItemInput(tableName: table, key: key, conditionExpression: condition, expressionAttributeNames: names))
    default:
      let check = TransactWriteItem(
        tableName: table, action: .conditionCheck(key: key), conditionExpression: condition, expressionAttributeNames: names)
      _ = try await client.transactWriteItems(TransactWriteItemsInput(transactItems: [check]))
    }
  }

  /// Sends an insert of an item whose key isn't one.
  private func insertNothing(_ side: TableSide, _ schema: KeySchema) async throws(DynamoDBError) {
    let insert = InsertStatement(table: side.table, item: schema.noKey)
    let answer = try await side.client.batchExecuteStatement(
      BatchExecuteStatementInput(statements: [BatchStatement(statement: insert.text, parameters: insert.parameters)]))
    if answer.responses.first?.error?.code == "AccessDenied" { throw DynamoDBError(.accessDenied, "") }
  }

  /// Asks for a table that can't be made, since the attributes of its key aren't declared; only where it would have to be made.
  private func createNothing(_ side: TableSide, _ schema: KeySchema) async throws(DynamoDBError) {
    do {
      _ = try await side.client.describeTable(DescribeTableInput(tableName: side.table))
      return
    } catch {
      guard error.code == .resourceNotFound else { return }
    }
    var input = CreateTableInput(tableName: side.table, keys: schema)
    input.attributeDefinitions = []
    _ = try await side.client.createTable(input)
  }
}

extension KeySchema {
  /// What can't be a key of the table: each of its attributes is a truth.
  fileprivate var noKey: Item {
    var key = Item()
    for attribute in attributes { key[attribute.name] = .bool(false) }
    return key
  }
}
