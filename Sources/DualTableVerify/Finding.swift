internal import DualTableMapping
internal import DynamoDBModel
internal import HTTPTransport

/// Why an old key stands in the file of keys.
enum Finding {
  case missing(newKey: Item, isRepaired: Bool)
  case unconvertible(ConversionError)
  case undecided(newKey: Item)
  case superseded(newKey: Item)
  /// With what differs, for the first of them.
  case differing(newKey: Item, ItemDifference?)

  /// Appends a line of JSON: the old key, the reason, and what is known besides, never a value of an item's other attributes.
  ///
  /// - Parameter key: an item or a key of the old table.
  func append(key: Item, schema: KeySchema, to lines: inout ByteBuffer) {
    lines.append("{\"key\":")
    (schema.key(of: key) ?? Item()).encode(into: &lines)
    lines.append(",\"reason\":")
    lines.appendJSON(reason)
    switch self {
    case .missing(let newKey, let isRepaired):
      Self.append(newKey, to: &lines)
      if isRepaired { lines.append(",\"repaired\":true") }
    case .undecided(let newKey), .superseded(let newKey): Self.append(newKey, to: &lines)
    case .differing(let newKey, let difference):
      Self.append(newKey, to: &lines)
      if let difference { Self.append(difference, to: &lines) }
    case .unconvertible(let error): Self.append(error, to: &lines)
    }
    lines.append("}\n")
  }

  /// The reason that a line of JSON gives; empty where it gives none.
  static func reason(of line: some Collection<UInt8>) -> String {
    let json: JSONValue?
    do { json = try JSONValue(parsing: Array(line).span) } catch { json = nil }
    return json?["reason"]?.string ?? ""
  }

  private var reason: String {
    switch self {
    case .missing: "missing"
    case .unconvertible: "unconvertible"
    case .undecided: "undecided"
    case .superseded: "superseded"
    case .differing: "differing"
    }
  }

  private static func append(_ newKey: Item, to lines: inout ByteBuffer) {
    lines.append(",\"newKey\":")
    newKey.encode(into: &lines)
  }

  private static func append(_ error: ConversionError, to lines: inout ByteBuffer) {
    for (name, text) in [
      ("code", error.code.description), ("rule", error.rule), ("path", error.path), ("found", error.found), ("message", error.message),
    ] {
      guard let text else { continue }
      lines.append(",")
      lines.appendJSON(name)
      lines.append(":")
      lines.appendJSON(text)
    }
  }

  /// Where the items differ and by which types; an absent value has none.
  private static func append(_ difference: ItemDifference, to lines: inout ByteBuffer) {
    lines.append(",\"differences\":[")
    for (index, change) in difference.changes.prefix(mostDifferences).enumerated() {
      lines.append(index == 0 ? "{\"path\":" : ",{\"path\":")
      lines.appendJSON(change.path)
      for (name, value) in [("expected", change.old), ("found", change.new)] {
        guard let value else { continue }
        lines.append(",")
        lines.appendJSON(name)
        lines.append(":")
        lines.appendJSON("\(value.type.name)")
      }
      lines.append("}")
    }
    lines.append("]")
  }

  /// Attributes that are named of one item.
  private static let mostDifferences = 50
}
