internal import DualTableMapping
internal import DynamoDBExpressions
internal import DynamoDBModel

/// The expressions of one request of the caller's, read, judged and found fit to be added to.
internal struct CallerExpressions: Sendable {
  internal private(set) var condition: Condition?
  internal private(set) var update: UpdateExpression?
  internal private(set) var projection: ProjectionExpression?

  /// Bytes of an expression that are kept for guards, in every phase alike: nothing gets too long half-way through a migration.
  internal static let bytesKept = 160
  /// Operators that are kept for guards.
  internal static let operatorsKept = 4

  /// Reads the expressions.
  ///
  /// - Parameter mapping: says which attribute no caller may name, and what guards will name.
  /// - Throws: `invalidExpression` in the service's words, `reservedName`, `expressionTooLong`.
  internal init(
    condition: String? = nil, update: String? = nil, projection: String? = nil, names: [String: String]?, values: AttributeMap? = nil,
    mapping: any TableMapping
  ) throws(DualTableError) {
    do throws(ExpressionError) {
      var attributes = try ExpressionAttributes(names: names, values: values)
      let conditionExpression = try condition.map { (text) throws(ExpressionError) in try ConditionExpression(text, &attributes) }
      self.update = try update.map { (text) throws(ExpressionError) in try UpdateExpression(text, &attributes) }
      self.projection = try projection.map { (text) throws(ExpressionError) in try ProjectionExpression(text, &attributes) }
      self.condition = conditionExpression?.condition
      try attributes.checkAllUsed()
      try checkRoom(for: mapping, operators: max(conditionExpression?.operatorCount ?? 0, self.update?.operatorCount ?? 0))
    } catch {
      throw error.code == .tooLong || error.code == .tooManyOperators
        ? DualTableError(.expressionTooLong, error.description) : DualTableError(error)
    }
    let paths = (self.condition?.paths ?? []) + (self.update?.paths ?? []) + (self.projection?.paths ?? [])
    let reserved = mapping.reservedAttribute
    guard !paths.contains(where: { UTF8Text.equal($0.root, reserved) }) else { throw .reservedName(reserved) }
  }

  /// Judges the expressions as they will go out: with the aliases that are left once guards have theirs, guards themselves left aside.
  private func checkRoom(for mapping: any TableMapping, operators: Int) throws(ExpressionError) {
    var writer = ExpressionWriter()
    for name in [mapping.newSchema.hash.name, mapping.reservedAttribute] { _ = writer.write(.attributeExists(DocumentPath(root: name))) }
    for (kind, text) in [
      (ExpressionError.Kind.condition, condition.map { writer.write($0) }), (.update, update.map { writer.write($0) }),
      (.projection, projection.map { writer.write($0) }),
    ] {
      let bytes = text?.utf8.count ?? 0
      guard bytes <= ExpressionError.longest - Self.bytesKept else {
        throw ExpressionError(
          .tooLong, in: kind,
          "It has \(bytes) bytes once every name has an alias; \(Self.bytesKept) of \(ExpressionError.longest) are kept for guards.")
      }
    }
    guard operators <= ExpressionError.mostOperators - Self.operatorsKept else {
      throw ExpressionError(
        .tooManyOperators, in: .condition,
        "It has \(operators) operators; \(Self.operatorsKept) of \(ExpressionError.mostOperators) are kept for guards.")
    }
  }
}
