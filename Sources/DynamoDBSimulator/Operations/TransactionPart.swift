internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

/// One action of a TransactWriteItems or TransactGetItems.
struct TransactionPart {
  enum Kind: String, CaseIterable {
    case check = "ConditionCheck"
    case put = "Put"
    case delete = "Delete"
    case update = "Update"
    case get = "Get"
  }

  let kind: Kind
  /// As the request names it.
  let table: String
  /// The item of a put, else the key, in wire form.
  private let wire: [UInt8]
  /// The item's size, for a put.
  let size: Int
  private let condition: ConditionExpression?
  private let update: UpdateExpression?
  let projection: ProjectionExpression?
  private let wantsItem: Bool

  init(_ kind: Kind, _ json: JSONValue, at member: String, _ workspace: inout Workspace) throws(ServiceError) {
    self.kind = kind
    var constraints = Constraints()
    let table = try json.member("TableName")?.text()
    constraints.notNull(table != nil, "\(member).tableName")
    constraints.name(table, "\(member).tableName")
    let isPut = kind == .put
    let map = json.member(isPut ? "Item" : "Key")
    constraints.notNull(map != nil, "\(member).\(kind == .put ? "item" : "key")")
    let conditionText = try json.member("ConditionExpression")?.text()
    let updateText = try json.member("UpdateExpression")?.text()
    if kind == .check { constraints.notNull(conditionText != nil, "\(member).conditionExpression") }
    if kind == .update { constraints.notNull(updateText != nil, "\(member).updateExpression") }
    let onFailure = try json.member("ReturnValuesOnConditionCheckFailure")?.text()
    constraints.oneOf(onFailure, "\(member).returnValuesOnConditionCheckFailure", ["ALL_OLD", "NONE"])
    try constraints.check()
    self.table = table ?? ""
    wantsItem = onFailure == "ALL_OLD"
    let wire = try workspace.read(map ?? .object([]), isEarly: false)
    self.wire = wire
    let size = kind == .put ? workspace.tape.sizeInBytes(wire.span) : 0
    self.size = size
    guard size <= Item.largestSize else { throw .validation("Item size has exceeded the maximum allowed size") }
    let projectionText = try json.member("ProjectionExpression")?.text()
    let texts: [(name: String, text: String?)] =
      switch kind {
      case .get: [("ProjectionExpression", projectionText)]
      case .update: [("UpdateExpression", updateText), ("ConditionExpression", conditionText)]
      default: [("ConditionExpression", conditionText)]
      }
    var expressions = try RequestExpressions(
      names: json.member("ExpressionAttributeNames"), values: json.member("ExpressionAttributeValues"), expressions: texts, legacy: [])
    update = kind == .update ? try expressions.update(updateText) : nil
    condition = kind == .get ? nil : try expressions.condition(conditionText)
    projection = kind == .get ? try expressions.projection(projectionText) : nil
    try expressions.checkAllUsed()
  }

  /// The place of the item; what is wrong with its key is a reason to cancel.
  func place(in table: SimulatedTable, _ workspace: inout Workspace) throws(ServiceError) -> Place {
    workspace.readAgain(wire)
    return kind == .put
      ? try table.place(ofItem: workspace.tape, wire.span, &workspace.scratch)
      : try table.place(ofKey: workspace.tape, wire.span, &workspace.scratch)
  }

  /// What the part does to its table.
  func change(at place: Place, of table: SimulatedTable, _ workspace: inout Workspace) throws(ServiceError) -> ItemChange {
    workspace.readAgain(wire)
    let action: ItemChange.Action
    switch kind {
    case .put: action = .put(StoredItem(workspace.tape, wire.span, &workspace.scratch))
    case .delete: action = .delete
    case .update:
      try ItemChange.checkKeys(of: table, update)
      action = .update(update, key: Item(workspace.tape, wire.span))
    case .check, .get: action = .check
    }
    return ItemChange(action: action, place: place, condition: condition, wantsItem: wantsItem)
  }
}
