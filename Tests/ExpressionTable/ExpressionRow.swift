package import DynamoDBModel

/// One row of the table of expressions: an expression in its request, and what the service makes of it.
///
/// Where an engine gives something else than the row expects, the row carries the reason.
package struct ExpressionRow: Sendable, CustomStringConvertible {
  /// Which expression of which request it is; the raw value names the rows' file.
  package enum Kind: String, Sendable, CaseIterable {
    case condition, filter, projection, update, keyCondition, insert
  }

  /// What comes of it.
  package enum Outcome: Sendable, Hashable {
    /// Whether a condition or filter holds of the item.
    case holds(Bool)
    /// What a projection hands out, an update leaves behind or a statement inserts.
    case item(Item)
    /// The sort keys that a key condition finds, in order; one null for an item without.
    case keys([AttributeValue])
    /// The text of the service's refusal.
    case refused(String)
  }

  package let kind: Kind
  /// Its line in the rows' file.
  package let line: Int
  package let text: String
  package let names: [String: String]?
  package let values: AttributeMap?
  /// The item that it is judged on; nil for none.
  package let item: Item?
  /// The type of the sort key that a key condition is asked of; nil for a table without.
  package let sortKey: ScalarType?
  /// The parameters of a statement.
  package let parameters: [AttributeValue]?
  package let expected: Outcome
  /// Why an engine gives another outcome, by its name; `text` says why no engine gives this refusal's words.
  package let reasons: [String: String]

  package var description: String { "\(kind.rawValue).jsonl:\(line) \(text.prefix(120))" }

  /// The key of every table that rows run on.
  package static func schema(sortKey: ScalarType? = nil) -> KeySchema {
    KeySchema(hash: .init("id", .string), range: sortKey.map { .init("r", $0) })
  }

  /// The key of the item that the row runs on; one that no item has where it runs on none.
  package var key: Item { item.flatMap { Self.schema().key(of: $0) } ?? ["id": "none"] }

  /// The sort keys that lie in the item collection that key conditions ask, in order.
  package static func storedKeys(_ type: ScalarType?) -> [AttributeValue] {
    switch type {
    case .string: ["a", "ab", "b", "c", "z", "é"]
    case .number: ["-1.5", "0", "1", "2", "10", "100"].map { .number((try? DynamoDBNumber($0)) ?? 0) }
    case .binary: [[0], [1], [1, 2], [128], [255]].map { .binary($0) }
    case nil: [.null]
    }
  }
}
