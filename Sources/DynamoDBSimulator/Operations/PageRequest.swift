internal import DynamoDBExpressions
internal import DynamoDBModel

/// What Query and Scan have in common: which table and index, and what is made of the items read.
struct PageRequest {
  enum Select: String {
    case all = "ALL_ATTRIBUTES"
    case projected = "ALL_PROJECTED_ATTRIBUTES"
    case specific = "SPECIFIC_ATTRIBUTES"
    case count = "COUNT"
  }

  let table: String
  let index: String?
  let choices: ReturnChoices
  let limit: Int?
  let isConsistent: Bool
  let select: Select?
  let filter: ConditionExpression?
  let projection: ProjectionExpression?
  /// Of a Query.
  let keyCondition: KeyConditionExpression?

  init(_ request: borrowing ServiceRequest, isQuery: Bool, _ constraints: inout Constraints) throws(ServiceError) {
    let table = try request.string("TableName")
    constraints.notNull(table != nil, "tableName")
    constraints.name(table, "tableName")
    index = try request.string("IndexName")
    constraints.name(index, "indexName")
    choices = try ReturnChoices(request, &constraints)
    let select = try request.string("Select")
    constraints.oneOf(
      select, "select", ["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"])
    limit = try request.integer("Limit")
    constraints.range(limit, "limit", 1)
    isConsistent = try request.flag("ConsistentRead") ?? false
    try constraints.check()
    self.table = table ?? ""
    self.select = select.flatMap(Select.init(rawValue:))
    var expressions = try request.expressions(
      isQuery
        ? ["ProjectionExpression", "FilterExpression", "KeyConditionExpression"] : ["ProjectionExpression", "FilterExpression"],
      legacy: isQuery
        ? ["AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"]
        : ["AttributesToGet", "ScanFilter", "ConditionalOperator"])
    let projectionText = try request.string("ProjectionExpression")
    try Self.check(self.select, hasProjection: projectionText != nil, hasIndex: index != nil)
    keyCondition = isQuery ? try expressions.keyCondition(request.string("KeyConditionExpression")) : nil
    filter = try expressions.condition(request.string("FilterExpression"), .filter)
    projection = try expressions.projection(projectionText)
    try expressions.checkAllUsed()
  }

  private static func check(_ select: Select?, hasProjection: Bool, hasIndex: Bool) throws(ServiceError) {
    switch select {
    case .count where hasProjection: throw .early(true, "Cannot specify the ProjectionExpression when choosing to get only the Count")
    case .all where hasProjection: throw .early(true, "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES")
    case .projected where hasProjection:
      throw .early(true, "Cannot specify the ProjectionExpression when choosing to get ALL_PROJECTED_ATTRIBUTES")
    case .projected where !hasIndex:
      throw .early(true, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    case .specific where !hasProjection:
      throw .early(true, "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
    default: break
    }
  }

  /// The index's number in the table.
  ///
  /// - Throws: if there is none of that name, or it can't give what is asked for.
  func index(in table: SimulatedTable, at now: Int64) throws(ServiceError) -> Int? {
    guard let index else { return nil }
    guard let number = table.indexes.firstIndex(where: { UTF8Text.equal($0.name, index) }) else {
      throw .validation("The table does not have the specified index: \(index)")
    }
    let found = table.indexes[number]
    guard found.definition.isGlobal else { return number }
    guard now >= found.activeAt else {
      throw .validation("Cannot read from backfilling global secondary index: \(index)")
    }
    if isConsistent { throw .validation("Consistent reads are not supported on global secondary indexes") }
    if select == .all && !found.hasAllAttributes {
      throw .invalidParameter(
        "Select type ALL_ATTRIBUTES is not supported for global secondary index \(index) because its projection type is not ALL")
    }
    let missing = (projection?.paths ?? []).map(\.root).filter { !found.has($0) }
    if !missing.isEmpty {
      throw .invalidParameter("Global secondary index \(index) does not project [\(missing.joined(separator: ", "))]")
    }
    return number
  }

  /// True if the items must be fetched from the table, for the index has not all that is asked for.
  func needsTable(_ index: SimulatedIndex) -> Bool {
    guard !index.definition.isGlobal, !index.hasAllAttributes else { return false }
    if select == .all { return true }
    let paths = (projection?.paths ?? []) + (filter?.condition.paths ?? [])
    return paths.contains { !index.has($0.root) }
  }
}
