internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel

/// What a query or a scan of the caller's asks, read and judged.
internal struct PageRequest: Sendable {
  /// Of a query.
  internal let keyCondition: KeyConditionExpression?
  internal let shape: PageShape
  internal let select: Select?
  internal let isConsistent: Bool
  internal let capacity: ReturnConsumedCapacity?
  private let filter: ConditionExpression?

  /// Reads a query.
  ///
  /// - Throws: `invalidExpression` in the service's words, `reservedName`.
  internal init(_ input: QueryInput, reserved: String) throws(DualTableError) {
    try self.init(
      keyCondition: input.keyConditionExpression, filter: input.filterExpression, projection: input.projectionExpression,
      names: input.expressionAttributeNames, values: input.expressionAttributeValues, select: input.select, limit: input.limit,
      isConsistent: input.consistentRead, capacity: input.returnConsumedCapacity, reserved: reserved)
  }

  /// Reads a scan; throws as a query's does.
  internal init(_ input: ScanInput, reserved: String) throws(DualTableError) {
    try self.init(
      keyCondition: nil, filter: input.filterExpression, projection: input.projectionExpression,
      names: input.expressionAttributeNames, values: input.expressionAttributeValues, select: input.select, limit: input.limit,
      isConsistent: input.consistentRead, capacity: input.returnConsumedCapacity, reserved: reserved)
  }

  private init(
    keyCondition: String?, filter: String?, projection: String?, names: [String: String]?, values: AttributeMap?, select: Select?,
    limit: Int?, isConsistent: Bool?, capacity: ReturnConsumedCapacity?, reserved: String
  ) throws(DualTableError) {
    do throws(ExpressionError) {
      var attributes = try ExpressionAttributes(names: names, values: values)
      self.keyCondition = try keyCondition.map { (text) throws(ExpressionError) in try KeyConditionExpression(text, &attributes) }
      self.filter = try filter.map { (text) throws(ExpressionError) in try ConditionExpression(text, kind: .filter, &attributes) }
      let projection = try projection.map { (text) throws(ExpressionError) in try ProjectionExpression(text, &attributes) }
      try attributes.checkAllUsed()
      shape = PageShape(filter: self.filter?.condition, projection: projection, countsOnly: select == .count, limit: limit)
    } catch {
      throw DualTableError(error)
    }
    self.select = select
    self.isConsistent = isConsistent ?? false
    self.capacity = capacity
    guard limit.map({ $0 > 0 }) ?? true else { throw .invalid("A page's limit is 1 or more.") }
    let paths = (shape.filter?.paths ?? []) + (shape.projection?.paths ?? [])
    guard !paths.contains(where: { UTF8Text.equal($0.root, reserved) }) else { throw .reservedName(reserved) }
    // The service's words for what doesn't go together.
    switch select {
    case .count? where projection != nil: throw .invalid("Cannot specify the ProjectionExpression when choosing to get only the Count")
    case .allAttributes? where projection != nil, .allProjectedAttributes? where projection != nil:
      throw .invalid("Cannot specify the ProjectionExpression when choosing to get \(select?.rawValue ?? "")")
    case .specificAttributes? where projection == nil:
      throw .invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
    default: break
    }
  }

  /// What the query asks of a table or an index with this key.
  internal func condition(of keys: KeySchema) throws(DualTableError) -> KeyCondition {
    do throws(ExpressionError) {
      try filter?.checkFilter(of: keys)
      guard let condition = try keyCondition?.condition(for: keys) else { throw ExpressionError(.invalidKeyCondition, "") }
      return condition
    } catch {
      throw DualTableError(error)
    }
  }

  /// The projection with which NEW's table is read: what the caller wants of an item, what the filter looks at, the key and the mark of
  /// tombstones. Neither it nor anything else that goes to NEW can hide a tombstone or an item that shadows OLD's.
  internal func physicalProjection(_ mapping: any TableMapping, _ writer: inout ExpressionWriter) -> String? {
    guard shape.countsOnly || shape.projection != nil else { return nil }
    let needed = mapping.newSchema.attributes.map(\.name) + [mapping.reservedAttribute]
    var roots = needed
    for path in shape.filter?.paths ?? [] where !roots.contains(where: { UTF8Text.equal($0, path.root) }) { roots.append(path.root) }
    let whole = (shape.projection ?? ProjectionExpression(paths: [])).including(roots)
    var trial = writer
    let text = trial.write(whole)
    // What would be too long is left out: then whole items come.
    guard text.utf8.count <= ExpressionError.longest else { return nil }
    writer = trial
    return text
  }
}

extension DualTableError {
  internal static func invalid(_ sentence: String) -> DualTableError { DualTableError(.invalidExpression, sentence) }
}
