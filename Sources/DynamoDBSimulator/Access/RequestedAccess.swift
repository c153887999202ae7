internal import DynamoDBModel

/// What a request asks to do to what, as policies see it: IAM actions and the tables or indexes they concern.
///
/// PartiQL statements name their tables in their text; their operations ask for themselves (`SimulatedService.authorize`).
enum RequestedAccess {
  /// The refusal of the first part of a request that isn't allowed; nil if all of it is.
  static func refusal(of request: borrowing ServiceRequest, _ access: AccessControl) throws(ServiceError) -> ServiceError? {
    guard !access.isOpen else { return nil }
    let action = "dynamodb:\(request.operation)"
    switch request.operation {
    case "ListTables", "DescribeLimits", "DescribeEndpoints", "ListBackups", "ListExports":
      return access.refusal(to: request.caller, action)
    case "BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction": return nil
    case "BatchGetItem", "BatchWriteItem":
      for member in try request.json("RequestItems")?.object ?? [] {
        if let refusal = access.refusal(to: request.caller, action, on: table(member.name)) { return refusal }
      }
    case "TransactGetItems", "TransactWriteItems":
      for part in try request.json("TransactItems")?.array ?? [] {
        for member in part.object ?? [] {
          guard let name = member.value["TableName"]?.string else { continue }
          let action = "dynamodb:\(actions[member.name] ?? member.name)"
          if let refusal = access.refusal(to: request.caller, action, on: table(name)) { return refusal }
        }
      }
    default:
      let named = try request.string("TableName")
      let resource = try request.string("ResourceArn")
      guard let name = named ?? resource else { return nil }
      return access.refusal(to: request.caller, action, on: table(name), index: try request.string("IndexName"))
    }
    return nil
  }

  /// The actions of a transaction's parts.
  private static let actions = [
    "Get": "GetItem", "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
  ]

  /// The table's name in what may be its ARN.
  private static func table(_ name: String) -> String {
    guard name.hasPrefix("arn:") else { return name }
    return name.split(separator: "/").dropFirst().first.map { String($0) } ?? name
  }
}
