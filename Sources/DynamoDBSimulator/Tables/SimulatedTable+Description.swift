internal import AWSAuth
internal import DynamoDBModel

extension SimulatedTable {
  /// The table as DescribeTable tells of it.
  ///
  /// - Parameter status: as which it is told of, while it changes.
  func json(at now: Int64, as status: TableDefinition.Status? = nil) -> JSONValue {
    let status = status ?? definition.status(at: now)
    let global = indexes.filter(\.definition.isGlobal).map { $0.json(definition.arn, at: now, isCreating: status == .creating) }
    let local = indexes.filter { !$0.definition.isGlobal }.map { $0.json(definition.arn, at: now, isCreating: false) }
    let isStreaming = definition.stream?["StreamEnabled"]?.bool == true
    let stream = isStreaming ? definition.streamSince.map { SigningDate(seconds: $0 / 1_000).string } : nil
    let mode = JSONValue.string(definition.isOnDemand ? "PAY_PER_REQUEST" : "PROVISIONED")
    return .object(
      ("AttributeDefinitions", .array(definition.attributes.map(\.json))), ("TableName", .string(name)),
      ("KeySchema", schema.json), ("TableStatus", .string(status.rawValue)), ("CreationDateTime", .seconds(definition.created)),
      ("ProvisionedThroughput", definition.throughput.json), ("TableSizeBytes", .number("\(sizeInBytes)")),
      ("ItemCount", .number("\(count)")), ("TableArn", .string(definition.arn)), ("TableId", .string(definition.id)),
      (
        "BillingModeSummary",
        definition.onDemandSince.map {
          .object(("BillingMode", mode), ("LastUpdateToPayPerRequestDateTime", .seconds($0)))
        }
      ),
      ("TableThroughputModeSummary", definition.onDemandSince.map { _ in .object(("TableThroughputMode", mode)) }),
      ("LocalSecondaryIndexes", local.isEmpty ? nil : .array(local)),
      ("GlobalSecondaryIndexes", global.isEmpty ? nil : .array(global)), ("StreamSpecification", stream == nil ? nil : definition.stream),
      ("LatestStreamLabel", stream.map { .string($0) }),
      ("LatestStreamArn", stream.map { .string("\(definition.arn)/stream/\($0)") }),
      ("SSEDescription", definition.encryption?["Enabled"]?.bool == true ? .object(("Status", .string("ENABLED"))) : nil),
      ("TableClassSummary", definition.tableClass.map { .object(("TableClass", .string($0))) }),
      ("DeletionProtectionEnabled", .bool(definition.isProtected)), ("OnDemandThroughput", definition.onDemandThroughput),
      ("WarmThroughput", definition.warmThroughput))
  }
}

extension SimulatedIndex {
  fileprivate func json(_ table: String, at now: Int64, isCreating: Bool) -> JSONValue {
    let isFilling = now < activeAt
    let projection: JSONValue =
      switch definition.projection {
      case .all: .object(("ProjectionType", .string("ALL")))
      case .keysOnly: .object(("ProjectionType", .string("KEYS_ONLY")))
      case .include(let names):
        .object(("ProjectionType", .string("INCLUDE")), ("NonKeyAttributes", .array(names.map { .string($0) })))
      }
    let common: [(String, JSONValue?)] = [
      ("IndexName", .string(name)), ("KeySchema", key.schema.json), ("Projection", projection),
      ("IndexSizeBytes", .number("\(sizeInBytes)")), ("ItemCount", .number("\(items.count)")),
      ("IndexArn", .string("\(table)/index/\(name)")),
    ]
    let own: [(String, JSONValue?)] = [
      ("IndexStatus", .string(isCreating || isFilling ? "CREATING" : "ACTIVE")), ("Backfilling", isFilling ? .bool(true) : nil),
      ("ProvisionedThroughput", definition.throughput.json), ("OnDemandThroughput", definition.onDemandThroughput),
    ]
    return .object(
      (common + (definition.isGlobal ? own : [])).compactMap { name, value in value.map { JSONValue.Member(name, $0) } })
  }
}

extension Throughput {
  fileprivate var json: JSONValue {
    .object(
      ("NumberOfDecreasesToday", .number("0")), ("ReadCapacityUnits", .number("\(reads)")),
      ("WriteCapacityUnits", .number("\(writes)")))
  }
}

extension KeySchema {
  fileprivate var json: JSONValue {
    func element(_ attribute: Attribute, _ type: String) -> JSONValue {
      .object(("AttributeName", .string(attribute.name)), ("KeyType", .string(type)))
    }
    return .array([element(hash, "HASH")] + (range.map { [element($0, "RANGE")] } ?? []))
  }
}

extension KeySchema.Attribute {
  fileprivate var json: JSONValue { .object(("AttributeName", .string(name)), ("AttributeType", .string(type.rawValue))) }
}

extension JSONValue {
  /// A moment as the service writes it: seconds since 1970 with three places.
  ///
  /// - Parameter milliseconds: since 1970 UTC.
  static func seconds(_ milliseconds: Int64) -> JSONValue {
    let rest = "\(1_000 + milliseconds % 1_000)".dropFirst()
    return .number("\(milliseconds / 1_000).\(rest)")
  }
}
