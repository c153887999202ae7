import DynamoDBExpressions
import DynamoDBModel
import ExpressionTable
import Testing

/// Our evaluator gives what every row of the table expects.
@Suite struct ExpressionTableTests {
  @Test(arguments: ExpressionRow.Kind.allCases) func everyRow(_ kind: ExpressionRow.Kind) throws {
    for row in try ExpressionRow.all(kind) { #expect(try row.outcome() == row.expected, "\(row)") }
  }

  @Test func thereAreEnough() throws {
    #expect(try ExpressionRow.Kind.allCases.reduce(0) { try $0 + ExpressionRow.all($1).count } >= 400)
  }

  /// What is printed parses to what was printed, needs every name and value that comes with it, and prints the same again.
  @Test(arguments: ExpressionRow.Kind.allCases) func printsWhatItParses(_ kind: ExpressionRow.Kind) throws {
    for row in try ExpressionRow.all(kind) {
      if case .refused = row.expected { continue }
      try row.checkRoundTrip()
    }
  }
}

extension ExpressionRow {
  func outcome() throws -> Outcome {
    do {
      return try judged()
    } catch let error as ExpressionError {
      return .refused(error.message)
    }
  }

  private func judged() throws -> Outcome {
    var attributes = try ExpressionAttributes(names: names, values: values)
    switch kind {
    case .condition:
      let condition = try ConditionExpression(text, &attributes)
      try attributes.checkAllUsed()
      return .holds(condition.evaluate(on: item))
    case .filter:
      let filter = try ConditionExpression(text, kind: .filter, &attributes)
      try attributes.checkAllUsed()
      try filter.checkFilter(of: Self.schema())
      return .holds(filter.evaluate(on: item))
    case .projection:
      let projection = try ProjectionExpression(text, &attributes)
      try attributes.checkAllUsed()
      return .item(projection.project(item ?? [:]))
    case .update:
      let update = try UpdateExpression(text, &attributes)
      try attributes.checkAllUsed()
      try update.checkTargets(of: Self.schema())
      return .item(try update.applied(to: item ?? key))
    case .keyCondition:
      let expression = try KeyConditionExpression(text, &attributes)
      try attributes.checkAllUsed()
      let condition = try expression.condition(for: Self.schema(sortKey: sortKey))
      guard condition.hash == "u1" else { return .keys([]) }
      return .keys(Self.storedKeys(sortKey).filter { condition.range?.holds(of: $0) ?? true })
    case .insert: return .item(try InsertStatement(parsing: text, parameters: parameters ?? []).item)
    }
  }

  func checkRoundTrip() throws {
    var attributes = try ExpressionAttributes(names: names, values: values)
    var writer = ExpressionWriter()
    var second = ExpressionWriter()
    switch kind {
    case .condition, .filter:
      let written = writer.write(try ConditionExpression(text, &attributes).condition)
      let again = try ConditionExpression(parsing: written, names: writer.attributeNames, values: writer.attributeValues)
      #expect(second.write(again.condition) == written, "\(self)")
      #expect(again.evaluate(on: item) == (expected == .holds(true)), "\(self)")
    case .projection:
      let projection = try ProjectionExpression(text, &attributes)
      let written = writer.write(projection)
      #expect(try ProjectionExpression(parsing: written, names: writer.attributeNames) == projection, "\(self)")
    case .update:
      let written = writer.write(try UpdateExpression(text, &attributes))
      let again = try UpdateExpression(parsing: written, names: writer.attributeNames, values: writer.attributeValues)
      #expect(second.write(again) == written, "\(self)")
      #expect(try .item(again.applied(to: item ?? key)) == expected, "\(self)")
    case .keyCondition:
      let expression = try KeyConditionExpression(text, &attributes)
      let written = writer.write(expression)
      let again = try KeyConditionExpression(parsing: written, names: writer.attributeNames, values: writer.attributeValues)
      #expect(second.write(again) == written, "\(self)")
      let schema = Self.schema(sortKey: sortKey)
      let conditions = (try expression.condition(for: schema), try again.condition(for: schema))
      for key in Self.storedKeys(sortKey) {
        #expect(conditions.0.range?.holds(of: key) == conditions.1.range?.holds(of: key), "\(self)")
      }
    case .insert:
      let statement = try InsertStatement(parsing: text, parameters: parameters ?? [])
      #expect(try InsertStatement(parsing: statement.text, parameters: statement.parameters) == statement, "\(self)")
    }
  }
}
