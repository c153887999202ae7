import DynamoDBClient
import DynamoDBModel
import Testing

/// The bytes of requests about tables, and what is read from their answers.
@Suite struct TableOperationsTests {
  @Test func updateTableWithEverything() {
    let index = SecondaryIndex(
      indexName: "g", keySchema: [KeySchemaElement(attributeName: "x", keyType: .hash)], projection: Projection(projectionType: .all))
    let input = UpdateTableInput(
      tableName: "t", attributeDefinitions: [AttributeDefinition(attributeName: "x", attributeType: .string)], billingMode: .provisioned,
      provisionedThroughput: ProvisionedThroughput(readCapacityUnits: 1, writeCapacityUnits: 2),
      onDemandThroughput: OnDemandThroughput(maxWriteRequestUnits: 3), warmThroughput: WarmThroughput(readUnitsPerSecond: 4),
      globalSecondaryIndexUpdates: [
        .create(index),
        .update(indexName: "h", provisionedThroughput: ProvisionedThroughput(readCapacityUnits: 5, writeCapacityUnits: 6)),
        .delete(indexName: "i"),
        .update(
          indexName: "j", onDemandThroughput: OnDemandThroughput(maxReadRequestUnits: 7),
          warmThroughput: WarmThroughput(writeUnitsPerSecond: 8)),
      ], streamSpecification: StreamSpecification(streamEnabled: true, streamViewType: .newAndOldImages),
      sseSpecification: SSESpecification(enabled: true, kmsMasterKeyId: "k"), tableClass: .standardInfrequentAccess,
      deletionProtectionEnabled: false,
      replicaUpdates: [
        .create(regionName: "eu-west-1", kmsMasterKeyId: "l", tableClassOverride: .standard), .update(regionName: "eu-west-2"),
        .delete(regionName: "eu-west-3"),
      ])
    #expect(
      body(input)
        == #"{"TableName":"t","AttributeDefinitions":[{"AttributeName":"x","AttributeType":"S"}],"BillingMode":"PROVISIONED","#
        + #""ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2},"OnDemandThroughput":{"MaxWriteRequestUnits":3},"#
        + #""WarmThroughput":{"ReadUnitsPerSecond":4},"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"g","#
        + #""KeySchema":[{"AttributeName":"x","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}},"#
        + #"{"Update":{"IndexName":"h","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6}}},"#
        + #"{"Delete":{"IndexName":"i"}},{"Update":{"IndexName":"j","OnDemandThroughput":{"MaxReadRequestUnits":7},"#
        + #""WarmThroughput":{"WriteUnitsPerSecond":8}}}],"#
        + #""StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"},"#
        + #""SSESpecification":{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"k"},"TableClass":"STANDARD_INFREQUENT_ACCESS","#
        + #""DeletionProtectionEnabled":false,"ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1","KMSMasterKeyId":"l","#
        + #""TableClassOverride":"STANDARD"}},{"Update":{"RegionName":"eu-west-2"}},{"Delete":{"RegionName":"eu-west-3"}}]}"#)
    #expect(body(UpdateTableInput(tableName: "t")) == #"{"TableName":"t"}"#)
  }

  @Test func requests() {
    #expect(body(ListTablesInput()) == "{}")
    #expect(body(ListTablesInput(exclusiveStartTableName: "t", limit: 5)) == #"{"ExclusiveStartTableName":"t","Limit":5}"#)
    #expect(body(DescribeTimeToLiveInput(tableName: "t")) == #"{"TableName":"t"}"#)
    #expect(
      body(UpdateTimeToLiveInput(tableName: "t", attributeName: "e", enabled: true))
        == #"{"TableName":"t","TimeToLiveSpecification":{"AttributeName":"e","Enabled":true}}"#)
    #expect(body(DescribeContinuousBackupsInput(tableName: "t")) == #"{"TableName":"t"}"#)
    #expect(body(GetResourcePolicyInput(resourceArn: "arn")) == #"{"ResourceArn":"arn"}"#)
    #expect(
      body(
        PutResourcePolicyInput(
          resourceArn: "arn", policy: #"{"a":1}"#, expectedRevisionId: "7", confirmRemoveSelfResourceAccess: true))
        == #"{"ResourceArn":"arn","Policy":"{\"a\":1}","ExpectedRevisionId":"7","ConfirmRemoveSelfResourceAccess":true}"#)
    #expect(
      body(DeleteResourcePolicyInput(resourceArn: "arn", expectedRevisionId: "7"))
        == #"{"ResourceArn":"arn","ExpectedRevisionId":"7"}"#)
    #expect(body(ListTagsOfResourceInput(resourceArn: "arn", nextToken: "n")) == #"{"ResourceArn":"arn","NextToken":"n"}"#)
  }

  @Test func answersOfTables() async throws {
    let table = try await answered(#"{"TableDescription":{"TableName":"t","TableStatus":"UPDATING"}}"#) {
      try await $0.updateTable(UpdateTableInput(tableName: "t"))
    }.tableDescription
    #expect(table.tableName == "t" && table.tableStatus == .updating)
    let names = try await answered(#"{"TableNames":["a","b"],"LastEvaluatedTableName":"b"}"#) { try await $0.listTables() }
    #expect(names.tableNames == ["a", "b"] && names.lastEvaluatedTableName == "b")
    let tags = try await answered(#"{"Tags":[{"Key":"k","Value":"v"}],"NextToken":"n"}"#) {
      try await $0.listTagsOfResource(ListTagsOfResourceInput(resourceArn: "arn"))
    }
    #expect(tags.tags == [Tag(key: "k", value: "v")] && tags.nextToken == "n")
  }

  @Test func answersOfTimeToLiveAndBackups() async throws {
    let described = try await answered(#"{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"e"}}"#) {
      try await $0.describeTimeToLive(DescribeTimeToLiveInput(tableName: "t"))
    }
    #expect(described.timeToLiveStatus == .enabled && described.attributeName == "e")
    let updated = try await answered(#"{"TimeToLiveSpecification":{"AttributeName":"e","Enabled":false}}"#) {
      try await $0.updateTimeToLive(UpdateTimeToLiveInput(tableName: "t", attributeName: "e", enabled: false))
    }
    #expect(updated.attributeName == "e" && !updated.enabled)
    let text = #"""
      {"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{
      "PointInTimeRecoveryStatus":"ENABLED","RecoveryPeriodInDays":35,"EarliestRestorableDateTime":1.5,"LatestRestorableDateTime":2E3}}}
      """#
    let backups = try await answered(text) { try await $0.describeContinuousBackups(DescribeContinuousBackupsInput(tableName: "t")) }
    #expect(backups.pointInTimeRecoveryEnabled && backups.recoveryPeriodInDays == 35)
    #expect(backups.earliestRestorableDateTime == 1.5 && backups.latestRestorableDateTime == 2_000)
  }

  @Test func answersOfPolicies() async throws {
    let text = #"{"Policy":"{\"a\":1}","RevisionId":"7"}"#
    let got = try await answered(text) { try await $0.getResourcePolicy(GetResourcePolicyInput(resourceArn: "arn")) }
    #expect(got.policy == #"{"a":1}"# && got.revisionId == "7")
    let put = try await answered(text) { try await $0.putResourcePolicy(PutResourcePolicyInput(resourceArn: "arn", policy: "{}")) }
    #expect(put.revisionId == "7")
    let deleted = try await answered("{}") { try await $0.deleteResourcePolicy(DeleteResourcePolicyInput(resourceArn: "arn")) }
    #expect(deleted.revisionId == nil)
  }

  /// An answer without its member must not pass for an empty one.
  @Test(arguments: ["{}", "[]", #"{"TableNames":7,"Tags":{},"TimeToLiveDescription":[],"ContinuousBackupsDescription":{},"Policy":null}"#])
  func unreadable(_ text: String) async throws {
    let test = try TestClient(Array(repeating: .answer(200, text), count: 5))
    let client = test.client
    let errors = [
      await failure { () throws(DynamoDBError) in try await client.listTables() },
      await failure { () throws(DynamoDBError) in try await client.listTagsOfResource(ListTagsOfResourceInput(resourceArn: "a")) },
      await failure { () throws(DynamoDBError) in try await client.describeTimeToLive(DescribeTimeToLiveInput(tableName: "t")) },
      await failure { () throws(DynamoDBError) in
        try await client.describeContinuousBackups(DescribeContinuousBackupsInput(tableName: "t"))
      },
      await failure { () throws(DynamoDBError) in try await client.getResourcePolicy(GetResourcePolicyInput(resourceArn: "a")) },
    ]
    #expect(errors.map { $0?.code } == Array(repeating: .unexpectedAnswer, count: 5))
  }
}
