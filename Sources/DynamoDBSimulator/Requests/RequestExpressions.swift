internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

/// The names and values of a request, or of a part of one, and the expressions that use them.
struct RequestExpressions {
  private var attributes: ExpressionAttributes?
  private let names: [String: String]?
  private let values: Item?
  /// Whether this operation says so of what it finds before it looks at any table.
  private let isEarly: Bool

  /// - Parameters:
  ///   - expressions: the request's members that may hold expressions, with what they hold.
  ///   - legacy: the members of old that can't stand beside them, and whether they are there.
  init(
    names: JSONValue?, values: JSONValue?, expressions: [(name: String, text: String?)], legacy: [(name: String, isThere: Bool)],
    isEarly: Bool = false
  ) throws(ServiceError) {
    self.isEarly = isEarly
    let old = legacy.filter(\.isThere).map(\.name)
    let used = expressions.filter { $0.text != nil }.map(\.name)
    if !old.isEmpty && !used.isEmpty {
      throw .early(
        isEarly,
        "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
          + "{\(old.joined(separator: ", "))} Expression parameters: {\(used.joined(separator: ", "))}")
    }
    if let name = old.first {
      throw .validation("The legacy parameter \(name) is not supported here: use \(expressions.map(\.name).joined(separator: ", "))")
    }
    if names != nil && used.isEmpty { throw .early(isEarly, "ExpressionAttributeNames can only be specified when using expressions") }
    let takers = expressions.map(\.name).filter { $0 != "ProjectionExpression" }
    // A read of single items knows no values, and passes over them as over any member that it doesn't know.
    let values = takers.isEmpty ? nil : values
    if values != nil && !used.contains(where: takers.contains) {
      let rest = isEarly ? "" : ": \(takers.joined(separator: " and ")) \(takers.count > 1 ? "are" : "is") null"
      throw .early(isEarly, "ExpressionAttributeValues can only be specified when using expressions\(rest)")
    }
    self.names = try Self.names(names)
    self.values = try Self.values(values, isEarly)
  }

  private static func names(_ json: JSONValue?) throws(ServiceError) -> [String: String]? {
    guard let json else { return nil }
    var names: [String: String] = [:]
    for member in try json.members("java.lang.String") { names[member.name] = try member.value.text() }
    return names
  }

  private static func values(_ json: JSONValue?, _ isEarly: Bool) throws(ServiceError) -> Item? {
    guard let json else { return nil }
    do throws(DynamoDBModelError) {
      return try Item(wire: json.wire.span)
    } catch {
      let members = try json.members("AttributeValue")
      for member in members { try ValueRefusal.checkShape(member.value) }
      for member in members {
        guard let refusal = ValueRefusal.of(member.value, depth: 1) else { continue }
        let message = refusal.error.message
        throw .early(
          isEarly,
          refusal.isNumber ? message : "ExpressionAttributeValues contains invalid value: \(message) for key \(member.name)")
      }
      throw .invalidParameter(error.message)
    }
  }

  private mutating func parse<Value>(
    _ text: String?, _ parse: (String, inout ExpressionAttributes) throws(ExpressionError) -> Value
  ) throws(ServiceError) -> Value? {
    guard let text else { return nil }
    do throws(ExpressionError) {
      var attributes: ExpressionAttributes
      if let current = self.attributes {
        attributes = current
      } else {
        attributes = try ExpressionAttributes(names: names, values: values)
      }
      let value = try parse(text, &attributes)
      self.attributes = attributes
      return value
    } catch {
      throw .early(isEarly && error.code != .invalidPlaceholder, error.message)
    }
  }

  mutating func condition(
    _ text: String?, _ kind: ExpressionError.Kind = .condition
  ) throws(ServiceError) -> ConditionExpression? {
    try parse(text) { (text, attributes) throws(ExpressionError) in try ConditionExpression(text, kind: kind, &attributes) }
  }

  mutating func update(_ text: String?) throws(ServiceError) -> UpdateExpression? {
    try parse(text) { (text, attributes) throws(ExpressionError) in try UpdateExpression(text, &attributes) }
  }

  mutating func projection(_ text: String?) throws(ServiceError) -> ProjectionExpression? {
    try parse(text) { (text, attributes) throws(ExpressionError) in try ProjectionExpression(text, &attributes) }
  }

  mutating func keyCondition(_ text: String?) throws(ServiceError) -> KeyConditionExpression? {
    try parse(text) { (text, attributes) throws(ExpressionError) in try KeyConditionExpression(text, &attributes) }
  }

  /// To be called when all expressions are read: refuses names and values that none of them used.
  func checkAllUsed() throws(ServiceError) {
    do throws(ExpressionError) {
      try attributes?.checkAllUsed()
    } catch {
      throw .early(isEarly, error.message)
    }
  }
}
