internal import AWSAuth
internal import DynamoDBModel
internal import HTTPTransport

/// Where a page of a merged read ended, as the caller keeps it: one attribute with a text that says nothing to him.
///
/// It is a `lastEvaluatedKey` like any other, so that who passes one back passes this one back, and who keeps keys as JSON keeps it too.
/// The text is of letters, digits, `-`, `_` and `.`, and may be kept by itself. A seal binds it to what it is a place in.
internal enum PageCursor {
  /// The attribute's name.
  internal static let name = "dualTableCursor"
  private static let version = "1"

  /// Whether `key` is a cursor, and no key of a table.
  internal static func isCursor(_ key: Item) -> Bool { key[name] != nil }

  /// A cursor with these values.
  ///
  /// - Parameter place: what the values are a place in: table, index, and what is asked of them.
  internal static func cursor(_ values: Item, in place: Item) -> Item {
    let payload = base64URL(values.description)
    return [name: .string("\(version).\(seal(payload, place)).\(payload)")]
  }

  /// The values of a cursor.
  ///
  /// - Throws: `invalidCursor` for one that was damaged, or handed out for something else or by another version.
  internal static func values(of cursor: Item, in place: Item) throws(DualTableError) -> Item {
    let parts = (cursor[name]?.stringValue ?? "").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard cursor.count == 1, parts.count == 3, parts[0] == version, parts[1] == seal(parts[2], place),
      let values = decoded(parts[2])
    else { throw .invalidCursor }
    return values
  }

  private static func seal(_ payload: String, _ place: Item) -> String {
    var hash = SHA256()
    hash.update("\(version).\(payload).")
    hash.update(place.description)
    return String(HexDigits(hash.finish()).string.prefix(24))
  }

  private static func base64URL(_ text: String) -> String {
    var encoded = ByteBuffer()
    Base64.appendEncoded(text.utf8.span, to: &encoded)
    let bytes = [UInt8](copying: encoded.span).filter { $0 != UInt8(ascii: "=") }
    return String(decoding: bytes.map { byte in translate(byte, from: Array("+/".utf8), to: Array("-_".utf8)) }, as: UTF8.self)
  }

  private static func decoded(_ text: String) -> Item? {
    var bytes = text.utf8.map { byte in translate(byte, from: Array("-_".utf8), to: Array("+/".utf8)) }
    bytes += Array(repeating: UInt8(ascii: "="), count: (4 - bytes.count % 4) % 4)
    guard Base64.fault(bytes.span, 0..<bytes.count) == nil else { return nil }
    var decoded = ByteBuffer()
    Base64.appendDecoded(bytes.span, 0..<bytes.count, to: &decoded)
    return try? Item(wire: decoded.span)
  }

  private static func translate(_ byte: UInt8, from: [UInt8], to: [UInt8]) -> UInt8 {
    from.firstIndex(of: byte).map { to[$0] } ?? byte
  }
}
