internal import DynamoDBModel

/// What a CreateTable request asked for, kept as it came for DescribeTable's answer.
struct CreateTableShape: Sendable {
  let attributeDefinitions: JSONValue
  let keySchema: JSONValue
  let billingMode: JSONValue?
  let provisionedThroughput: JSONValue?
  let globalSecondaryIndexes: [JSONValue]

  init(_ request: JSONValue) throws(ServiceError) {
    guard let definitions = request["AttributeDefinitions"], let keys = request["KeySchema"] else {
      throw .validation("One or more parameter values were invalid: AttributeDefinitions and KeySchema are required")
    }
    attributeDefinitions = definitions
    keySchema = keys
    billingMode = request["BillingMode"]
    provisionedThroughput = request["ProvisionedThroughput"]
    globalSecondaryIndexes = request["GlobalSecondaryIndexes"]?.array ?? []
  }

  /// The table's key with its types.
  func schema() throws(ServiceError) -> KeySchema {
    guard let hash = try attribute("HASH") else { throw .validation("No Hash Key specified in schema.") }
    return KeySchema(hash: hash, range: try attribute("RANGE"))
  }

  private func attribute(_ type: String) throws(ServiceError) -> KeySchema.Attribute? {
    guard let name = keySchema.array?.first(where: { $0["KeyType"]?.string == type })?["AttributeName"]?.string else { return nil }
    let definition = attributeDefinitions.array?.first { $0["AttributeName"]?.string == name }
    guard let kind = definition?["AttributeType"]?.string.flatMap(ScalarType.init(rawValue:)) else {
      throw .validation("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions.")
    }
    return KeySchema.Attribute(name, kind)
  }

  /// The members of a table description, but for its counts.
  func members(name: String) -> [JSONValue.Member] {
    let capacity: JSONValue =
      provisionedThroughput ?? .object([.init("ReadCapacityUnits", .number("0")), .init("WriteCapacityUnits", .number("0"))])
    var members: [JSONValue.Member] = [
      .init("TableName", .string(name)), .init("TableStatus", .string("ACTIVE")), .init("AttributeDefinitions", attributeDefinitions),
      .init("KeySchema", keySchema), .init("ProvisionedThroughput", capacity),
      .init("TableArn", .string("arn:aws:dynamodb:local:000000000000:table/\(name)")),
    ]
    if let billingMode { members.append(.init("BillingModeSummary", .object([.init("BillingMode", billingMode)]))) }
    if !globalSecondaryIndexes.isEmpty {
      let indexes = globalSecondaryIndexes.map { index in JSONValue.object((index.object ?? []) + [.init("IndexStatus", .string("ACTIVE"))])
      }
      members.append(.init("GlobalSecondaryIndexes", .array(indexes)))
    }
    return members
  }
}
