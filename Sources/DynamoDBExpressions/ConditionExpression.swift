package import DynamoDBModel

/// A condition or filter expression of a request, read and checked as the service does.
package struct ConditionExpression: Sendable, Hashable {
  /// The condition, all aliases replaced.
  package let condition: Condition
  /// Operators in it; the service takes 300.
  package let operatorCount: Int

  /// Reads one of the expressions of a request.
  ///
  /// - Parameter attributes: the request's names and values; those that the expression uses are marked.
  package init(
    _ text: String, kind: ExpressionError.Kind = .condition, _ attributes: inout ExpressionAttributes
  ) throws(ExpressionError) {
    var parser = try ExpressionParser(text, kind, attributes)
    condition = try parser.condition()
    operatorCount = parser.operatorCount
    attributes = parser.attributes
  }

  /// Reads the only expression of a request.
  ///
  /// - Throws: also if a name or value isn't used.
  package init(
    parsing text: String, names: [String: String]? = nil, values: AttributeMap? = nil
  ) throws(ExpressionError) {
    var attributes = try ExpressionAttributes(names: names, values: values)
    self = try ConditionExpression(text, &attributes)
    try attributes.checkAllUsed()
  }

  /// Whether the condition holds of the item; nil stands for no item, of which the service says what it says of an empty one.
  package func evaluate(on item: Item?) -> Bool { condition.evaluate(on: item) }

  /// Judges the condition as the filter of a Query of a table or an index with this key.
  ///
  /// - Throws: `keyAttribute` if it names an attribute of the key, which only a key condition may.
  package func checkFilter(of schema: KeySchema) throws(ExpressionError) {
    for path in condition.paths where schema.attributes.contains(where: { UTF8Text.equal($0.name, path.root) }) {
      throw ExpressionError(
        .keyAttribute, "Filter Expression can only contain non-primary key attributes: Primary key attribute: \(path.root)")
    }
  }
}
