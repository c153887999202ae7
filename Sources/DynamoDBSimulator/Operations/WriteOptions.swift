internal import DynamoDBExpressions
internal import DynamoDBModel

/// What PutItem, UpdateItem and DeleteItem have in common beside item and key.
struct WriteOptions {
  struct Expressions {
    let condition: ConditionExpression?
    let update: UpdateExpression?
  }

  let table: String
  let choices: ReturnChoices
  let returnValues: String
  /// Whether a refusal brings the item that is in the way.
  let wantsItem: Bool

  /// - Throws: what the service's model doesn't allow.
  init(_ request: borrowing ServiceRequest) throws(ServiceError) {
    var constraints = Constraints()
    let table = try request.string("TableName")
    constraints.notNull(table != nil, "tableName")
    constraints.name(table, "tableName")
    if request.operation == "PutItem" {
      constraints.notNull(request.has("Item"), "item")
    } else {
      constraints.notNull(request.has("Key"), "key")
    }
    var choices = try ReturnChoices(request, &constraints)
    let returnValues = try request.string("ReturnValues")
    constraints.oneOf(returnValues, "returnValues", ["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"])
    try choices.readMetrics(request, &constraints)
    let onFailure = try request.string("ReturnValuesOnConditionCheckFailure")
    constraints.oneOf(onFailure, "returnValuesOnConditionCheckFailure", ["ALL_OLD", "NONE"])
    try constraints.check()
    self.table = table ?? ""
    self.choices = choices
    self.returnValues = returnValues ?? "NONE"
    wantsItem = onFailure == "ALL_OLD"
  }

  func expressions(_ request: borrowing ServiceRequest) throws(ServiceError) -> Expressions {
    let isUpdate = request.operation == "UpdateItem"
    var expressions = try request.expressions(
      isUpdate ? ["UpdateExpression", "ConditionExpression"] : ["ConditionExpression"],
      legacy: isUpdate ? ["AttributeUpdates", "Expected", "ConditionalOperator"] : ["Expected", "ConditionalOperator"])
    let update = isUpdate ? try expressions.update(request.string("UpdateExpression")) : nil
    let condition = try expressions.condition(request.string("ConditionExpression"))
    try expressions.checkAllUsed()
    return Expressions(condition: condition, update: update)
  }

  func checkReturnValues(_ request: borrowing ServiceRequest) throws(ServiceError) {
    guard request.operation != "UpdateItem", returnValues != "ALL_OLD", returnValues != "NONE" else { return }
    throw .early(true, "ReturnValues can only be ALL_OLD or NONE")
  }

  /// Adds the `Attributes` that the request wants back.
  func addAttributes(_ write: SimulatedTable.Write, _ update: UpdateExpression?, to body: inout AnswerBody) {
    switch returnValues {
    case "ALL_OLD": body.add("Attributes", write.old)
    case "ALL_NEW": body.add("Attributes", write.new)
    case "UPDATED_OLD": body.add("Attributes", update.flatMap { write.old?.item.part(touchedBy: $0) })
    case "UPDATED_NEW": body.add("Attributes", update.flatMap { write.new?.item.part(touchedBy: $0) })
    default: break
    }
  }
}

extension Item {
  /// The parts that an update writes to; nil where the item has none of them.
  fileprivate func part(touchedBy update: UpdateExpression) -> Item? {
    let part = ProjectionExpression(paths: update.targets).project(self)
    return part.isEmpty ? nil : part
  }
}
