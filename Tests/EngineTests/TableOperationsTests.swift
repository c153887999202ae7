import DynamoDBClient
import DynamoDBModel
import Testing

/// One case for each operation on tables, on every engine that has it.
@Suite(.timeLimit(.minutes(5))) struct TableOperationsTests {
  @Test(arguments: Engine.all) func updateAndListTables(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let updated = try await client.updateTable(
          UpdateTableInput(
            tableName: table, billingMode: .provisioned,
            provisionedThroughput: ProvisionedThroughput(readCapacityUnits: 7, writeCapacityUnits: 8)))
        #expect(updated.tableDescription.tableName == table)
        try await client.wait(for: .active, of: table, policy: .quick)
        let now = try await client.describeTable(DescribeTableInput(tableName: table)).table
        #expect(now.provisionedThroughput == ProvisionedThroughput(readCapacityUnits: 7, writeCapacityUnits: 8))
        // Other cases' tables come and go meanwhile, so only this one is a place to go on from.
        let all = try await client.listTables()
        #expect(all.tableNames.filter { $0 == table }.count == 1)
        let first = try await client.listTables(ListTablesInput(limit: 1))
        #expect(first.tableNames.count == 1 && (first.lastEvaluatedTableName ?? first.tableNames[0]) == first.tableNames[0])
        let behind = try await client.listTables(ListTablesInput(exclusiveStartTableName: table))
        #expect(!behind.tableNames.contains(table))
        var paged: [String] = []
        for try await page in client.listTablesPages(ListTablesInput(limit: 3)) { paged += page.tableNames }
        #expect(paged.filter { $0 == table }.count == 1)
      }
    }
  }

  /// An index comes and goes, and a query finds in it what was there before.
  @Test(arguments: Engine.all.filter { !$0.has(.fewTableSettings) }) func indexesOfATableThatIs(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let item: Item = ["id": .string("a"), "g": .string("x")]
        _ = try await client.putItem(PutItemInput(tableName: table, item: item))
        let index = SecondaryIndex(
          indexName: "by-g", keySchema: [KeySchemaElement(attributeName: "g", keyType: .hash)],
          projection: Projection(projectionType: .all))
        _ = try await client.updateTable(
          UpdateTableInput(
            tableName: table,
            attributeDefinitions: [
              AttributeDefinition(attributeName: "id", attributeType: .string),
              AttributeDefinition(attributeName: "g", attributeType: .string),
            ], globalSecondaryIndexUpdates: [.create(index)]))
        let made = try await client.wait(for: .indexActive("by-g"), of: table, policy: .quick)
        #expect(made?.globalSecondaryIndexes.map(\.keySchema) == [index.keySchema])
        let found = try await client.query(
          QueryInput(
            tableName: table, indexName: "by-g", keyConditionExpression: "g = :g", expressionAttributeValues: [":g": .string("x")]))
        #expect(found.items == [item])
        _ = try await client.updateTable(UpdateTableInput(tableName: table, globalSecondaryIndexUpdates: [.delete(indexName: "by-g")]))
        let rest = try await client.wait(for: .indexGone("by-g"), of: table, policy: .quick)
        #expect(rest?.globalSecondaryIndexes.isEmpty == true)
      }
    }
  }

  @Test(arguments: Engine.all.filter { !$0.has(.fewTableSettings) }) func streamsProtectionAndClass(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let stream = StreamSpecification(streamEnabled: true, streamViewType: .newAndOldImages)
        _ = try await client.updateTable(UpdateTableInput(tableName: table, streamSpecification: stream))
        try await client.wait(for: .active, of: table, policy: .quick)
        _ = try await client.updateTable(
          UpdateTableInput(tableName: table, tableClass: .standardInfrequentAccess, deletionProtectionEnabled: true))
        let tableClass = engine.has(.fixedTableClass) ? nil : TableClass.standardInfrequentAccess
        let set = try await client.wait(for: .active, of: table, policy: .quick)
        #expect(set?.streamSpecification == stream && set?.latestStreamArn != nil && set?.tableClass == tableClass)
        #expect(set?.deletionProtectionEnabled == true)
        let refused = await failure { () throws(DynamoDBError) in try await client.deleteTable(DeleteTableInput(tableName: table)) }
        #expect(refused?.code == .validation)
        _ = try await client.updateTable(UpdateTableInput(tableName: table, deletionProtectionEnabled: false))
        let open = try await client.wait(for: .active, of: table, policy: .quick)
        #expect(open?.deletionProtectionEnabled == false && open?.tableClass == tableClass)
      }
    }
  }

  @Test(arguments: Engine.all.filter { !$0.has(.noTimeToLive) }) func timeToLive(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let before = try await client.describeTimeToLive(DescribeTimeToLiveInput(tableName: table))
        #expect(before.timeToLiveStatus == .disabled && before.attributeName == nil)
        let updated = try await client.updateTimeToLive(UpdateTimeToLiveInput(tableName: table, attributeName: "e", enabled: true))
        #expect(updated.attributeName == "e" && updated.enabled)
        let after = try await client.describeTimeToLive(DescribeTimeToLiveInput(tableName: table))
        #expect([.enabled, .enabling].contains(after.timeToLiveStatus) && after.attributeName == "e")
      }
    }
  }

  @Test(arguments: Engine.all) func listTagsOfResource(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let arn = try #require(try await client.describeTable(DescribeTableInput(tableName: table)).table.tableArn)
        let output = try await client.listTagsOfResource(ListTagsOfResourceInput(resourceArn: arn))
        #expect(output.tags.isEmpty && output.nextToken == nil)
      }
    }
  }

  @Test(arguments: Engine.all.filter { !$0.has(.noPoliciesAndBackups) }) func policiesAndBackups(_ engine: Engine) async throws {
    try await engine.withClient { client in
      try await client.withTable { table in
        let backups = try await client.describeContinuousBackups(DescribeContinuousBackupsInput(tableName: table))
        #expect(!backups.pointInTimeRecoveryEnabled && backups.earliestRestorableDateTime == nil)
        let arn = try #require(try await client.describeTable(DescribeTableInput(tableName: table)).table.tableArn)
        let statement = #"{"Effect":"Allow","Principal":"*","Action":"dynamodb:GetItem","Resource":"*"}"#
        let policy = #"{"Version":"2012-10-17","Statement":[\#(statement)]}"#
        let put = try await client.putResourcePolicy(PutResourcePolicyInput(resourceArn: arn, policy: policy))
        let got = try await client.getResourcePolicy(GetResourcePolicyInput(resourceArn: arn))
        #expect(got.policy == policy && got.revisionId == put.revisionId && put.revisionId != nil)
        _ = try await client.deleteResourcePolicy(DeleteResourcePolicyInput(resourceArn: arn))
        let gone = await failure { () throws(DynamoDBError) in
          try await client.getResourcePolicy(GetResourcePolicyInput(resourceArn: arn))
        }
        #expect(gone?.code == .policyNotFound)
      }
    }
  }
}
