internal import DualTableMapping
internal import DynamoDBModel
internal import HTTPTransport

/// Why an old key stands in the file of keys.
enum Finding {
  case missing(newKey: Item)
  case unconvertible(ConversionError)
  case undecided(newKey: Item)

  /// Appends a line of JSON: the old key, the reason, and what is known besides, never an item's other attributes.
  ///
  /// - Parameter key: an item or a key of the old table.
  func append(key: Item, schema: KeySchema, to lines: inout ByteBuffer) {
    lines.append("{\"key\":")
    (schema.key(of: key) ?? Item()).encode(into: &lines)
    lines.append(",\"reason\":")
    switch self {
    case .missing(let newKey):
      lines.append("\"missing\",\"newKey\":")
      newKey.encode(into: &lines)
    case .undecided(let newKey):
      lines.append("\"undecided\",\"newKey\":")
      newKey.encode(into: &lines)
    case .unconvertible(let error):
      lines.append("\"unconvertible\"")
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
    lines.append("}\n")
  }
}
