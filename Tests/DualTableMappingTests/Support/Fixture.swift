import DynamoDBModel
import HTTPTransport

/// A line of a file in `Fixtures`: an OLD item, and what a shipped mapping makes of it.
struct Fixture {
  let name: String
  /// The OLD item as it is written.
  let wire: [UInt8]
  /// The OLD item; nil if the service has no such item.
  let old: Item?
  let new: [Item]
  /// `code rule path found`, nil for an item that converts.
  let error: String?

  static func all(of mapping: String) throws -> [Fixture] {
    try file("Tests/DualTableMappingTests/Fixtures/\(mapping).jsonl").split(separator: UInt8(ascii: "\n")).map { try Fixture(Array($0)) }
  }

  private init(_ line: [UInt8]) throws {
    let fields = try Self.members(of: line)
    name = Self.text(fields["case"]) ?? ""
    error = Self.text(fields["error"])
    var wire = fields["old"] ?? []
    var new = try [fields["new"], fields["new2"]].compactMap { try $0.map { try Item(wire: $0.span) } }
    var old = fields["unreadable"] == nil ? try Item(wire: wire.span) : nil
    // Large items aren't written out: an attribute fills the OLD one up to so many bytes, and stays in the first NEW one.
    if let fill = fields["fill"], let size = Int(String(decoding: fill, as: UTF8.self)), let plain = old {
      let text = AttributeValue.string(String(repeating: "x", count: size - plain.sizeInBytes - 4))
      old = Item([("text", text)] + Array(plain))
      if !new.isEmpty { new[0] = Item([("text", text)] + Array(new[0])) }
      var bytes = ByteBuffer()
      old?.encode(into: &bytes)
      wire = [UInt8](copying: bytes.span)
    }
    (self.wire, self.old, self.new) = (wire, old, new)
  }

  private static func text(_ json: [UInt8]?) -> String? { json.map { String(decoding: $0.dropFirst().dropLast(), as: UTF8.self) } }

  /// The members of a JSON object, as they are written.
  private static func members(of line: [UInt8]) throws -> [String: [UInt8]] {
    var members: [String: [UInt8]] = [:]
    var reader = try JSONObjectReader(line.span)
    while let name = try reader.next(line.span) {
      members[String(decoding: line[name], as: UTF8.self)] = Array(line[try reader.skip(line.span)])
    }
    return members
  }
}
