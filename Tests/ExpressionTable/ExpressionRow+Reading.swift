import DynamoDBModel
import Glibc
import HTTPTransport

extension ExpressionRow {
  /// What is wrong with the rows' files.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The rows of one kind, in the order of their file.
  package static func all(_ kind: Kind) throws -> [ExpressionRow] {
    let pool = try Pool()
    var rows: [ExpressionRow] = []
    for line in try bytes(of: "\(kind.rawValue).jsonl").split(separator: UInt8(ascii: "\n")) {
      rows.append(try ExpressionRow(kind, line: rows.count + 1, json(Array(line)), pool))
    }
    return rows
  }

  private init(_ kind: Kind, line: Int, _ row: JSONValue, _ pool: Pool) throws {
    let known = ["text", "names", "values", "item", "sortKey", "parameters", "holds", "gives", "changes", "refused", "differs"]
    for member in row.object ?? [] where !known.contains(member.name) {
      throw Failure(description: "\(kind.rawValue).jsonl:\(line) has a member \(member.name), which nobody reads")
    }
    self.kind = kind
    self.line = line
    let text = try Self.text(row["text"], "\(kind.rawValue).jsonl:\(line)")
    self.text = text
    if let names = row["names"] { self.names = Dictionary(uniqueKeysWithValues: Self.texts(names)) } else { names = pool.names(in: text) }
    if let values = row["values"] { self.values = try Self.map(values) } else { values = pool.values(in: text) }
    let item: Item?
    switch row["item"] {
    case nil: item = pool.item
    case .null?: item = nil
    case let own?: item = try Self.map(own)
    }
    self.item = item
    sortKey = row["sortKey"].map { $0.string.flatMap { ScalarType(rawValue: $0) } } ?? .string
    parameters = try row["parameters"]?.array?.map { try Self.value($0) }
    var reasons: [String: String] = [:]
    for (engine, reason) in row["differs"].map(Self.texts) ?? [] { reasons[engine] = try pool.reason(reason) }
    self.reasons = reasons
    if let refusal = row["refused"]?.string {
      expected = .refused(refusal)
    } else if let holds = row["holds"]?.bool {
      expected = .holds(holds)
    } else if let changes = row["changes"]?.object {
      var result = item ?? ["id": "none"]
      for change in changes { result[change.name] = change.value == .null ? AttributeValue?.none : try Self.value(change.value) }
      expected = .item(result)
    } else if let keys = row["gives"]?.array {
      expected = .keys(try keys.map { try Self.value($0) })
    } else if let gives = row["gives"] {
      expected = .item(try Self.map(gives))
    } else {
      throw Failure(description: "\(kind.rawValue).jsonl:\(line) expects nothing")
    }
  }

  /// A text, perhaps in parts; a part `[text, count]` stands for the text that many times.
  private static func text(_ value: JSONValue?, _ place: String) throws -> String {
    if let text = value?.string { return text }
    guard let parts = value?.array else { throw Failure(description: "\(place) has no text") }
    return parts.map { $0.string ?? String(repeating: $0[0]?.string ?? "", count: $0[1]?.integer ?? 0) }.joined()
  }

  fileprivate static func texts(_ object: JSONValue) -> [(String, String)] {
    (object.object ?? []).map { ($0.name, $0.value.string ?? "") }
  }

  fileprivate static func map(_ value: JSONValue) throws -> AttributeMap {
    var bytes = ByteBuffer(capacity: 256)
    value.encode(into: &bytes)
    return try AttributeMap(wire: bytes.span)
  }

  fileprivate static func value(_ value: JSONValue) throws -> AttributeValue {
    var bytes = ByteBuffer(capacity: 256)
    value.encode(into: &bytes)
    return try AttributeValue(wire: bytes.span)
  }

  fileprivate static func json(_ bytes: [UInt8]) throws -> JSONValue { try JSONValue(parsing: bytes.span) }

  fileprivate static func bytes(of name: String) throws -> [UInt8] {
    let path = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/Rows/\(name)"
    guard let file = unsafe fopen(path, "r") else { throw Failure(description: "\(path) can't be read") }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
    return bytes
  }
}

/// What rows without an item, names or values of their own take: the pool's item, and those of its names and values that they mention.
private struct Pool {
  let item: Item
  private let names: [(String, String)]
  private let values: AttributeMap
  private let reasons: JSONValue

  init() throws {
    let pool = try ExpressionRow.json(ExpressionRow.bytes(of: "pool.json"))
    item = try ExpressionRow.map(pool["item"] ?? .null)
    names = ExpressionRow.texts(pool["names"] ?? .null)
    values = try ExpressionRow.map(pool["values"] ?? .null)
    reasons = try ExpressionRow.json(ExpressionRow.bytes(of: "reasons.json"))
  }

  func names(in text: String) -> [String: String]? {
    let mentioned = Self.placeholders(in: text)
    let names = names.filter { mentioned.contains($0.0) }
    return names.isEmpty ? nil : Dictionary(uniqueKeysWithValues: names)
  }

  func values(in text: String) -> AttributeMap? {
    let mentioned = Self.placeholders(in: text)
    let values = AttributeMap(values.filter { mentioned.contains($0.name) })
    return values.isEmpty ? nil : values
  }

  func reason(_ name: String) throws -> String {
    guard let reason = reasons[name]?.string else { throw ExpressionRow.Failure(description: "reasons.json has no \(name)") }
    return reason
  }

  /// What stands in the text behind `#` or `:`, the sign included.
  private static func placeholders(in text: String) -> Set<String> {
    let text = Array(text.utf8)
    let starts = text.indices.filter { text[$0] == UInt8(ascii: "#") || text[$0] == UInt8(ascii: ":") }
    return Set(starts.map { String(decoding: [text[$0]] + text[($0 + 1)...].prefix(while: isWordByte), as: UTF8.self) })
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }
}
