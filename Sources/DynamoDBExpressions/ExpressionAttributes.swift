package import DynamoDBModel

/// The names and values that the expressions of one request refer to, and which of them some expression used.
package struct ExpressionAttributes: Sendable {
  private let names: [String: String]
  private let values: AttributeMap
  private var usedNames: Set<String> = []
  private var usedValues: Set<String> = []

  /// Takes `ExpressionAttributeNames` and `ExpressionAttributeValues` as they stand in a request.
  ///
  /// - Throws: `invalidPlaceholder` for a key that isn't `#` or `:` and letters, digits or `_`, and for an empty map.
  package init(names: [String: String]?, values: AttributeMap?) throws(ExpressionError) {
    self.names = names ?? [:]
    self.values = values ?? AttributeMap()
    if let names { try Self.check(names.keys.sorted(), begin: "#", "ExpressionAttributeNames") }
    for (alias, name) in self.names.sorted(by: { $0.key < $1.key }) where name.isEmpty {
      throw ExpressionError(
        .invalidPlaceholder, "ExpressionAttributeNames contains invalid value: Empty attribute name for key \(alias)")
    }
    if let values { try Self.check(values.names, begin: ":", "ExpressionAttributeValues") }
  }

  /// Bytes of a placeholder, its sign included.
  private static let longestKey = 255

  private static func check(_ keys: [String], begin sign: Character, _ member: String) throws(ExpressionError) {
    guard !keys.isEmpty else { throw ExpressionError(.invalidPlaceholder, "\(member) must not be empty") }
    for key in keys where key.utf8.count > longestKey {
      throw ExpressionError(
        .invalidPlaceholder,
        "\(member) contains invalid key: The expression attribute map contains a key that is too long; size of key: \(key.utf8.count)")
    }
    for key in keys where key.first != sign || key.utf8.count < 2 || !key.utf8.dropFirst().allSatisfy(ExpressionTokens.isWordByte) {
      throw ExpressionError(.invalidPlaceholder, "\(member) contains invalid key: Syntax error; key: \"\(key)\"")
    }
  }

  /// The attribute name behind `#alias`.
  internal mutating func name(_ alias: String) -> String? {
    guard let name = names[alias] else { return nil }
    usedNames.insert(alias)
    return name
  }

  /// The value behind `:placeholder`.
  internal mutating func value(_ placeholder: String) -> AttributeValue? {
    guard let value = values[placeholder] else { return nil }
    usedValues.insert(placeholder)
    return value
  }

  /// To be called when all expressions of the request are parsed.
  ///
  /// - Throws: `unusedPlaceholder` if a name or value was in none of them.
  package func checkAllUsed() throws(ExpressionError) {
    try Self.check(unused: names.keys.filter { !usedNames.contains($0) }.sorted(), "ExpressionAttributeNames")
    try Self.check(unused: values.names.filter { !usedValues.contains($0) }.sorted(), "ExpressionAttributeValues")
  }

  private static func check(unused keys: [String], _ member: String) throws(ExpressionError) {
    guard keys.isEmpty else {
      throw ExpressionError(
        .unusedPlaceholder, "Value provided in \(member) unused in expressions: keys: {\(keys.joined(separator: ", "))}")
    }
  }
}
