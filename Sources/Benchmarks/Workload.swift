internal import DualTableMapping
internal import DynamoDBModel
internal import HTTPTransport

/// What is measured: one item of 730 bytes on the wire, and a mapping that moves, renames and retypes what is nested in it.
enum Workload {
  /// The id's place in an item; the server and the limit write other digits there.
  static let id = "u-000000000000"
  static let idDigits = 12
  static let oldTable = "users"
  static let newTable = "users-v2"
  static let region = "us-east-1"
  static let accessKeyID = "BENCHMARKBENCHMARKBE"
  static let secretAccessKey = "benchmarkbenchmarkbenchmarkbenchmarkbenc"

  /// Bytes of each item.
  static let itemBytes = 730

  /// An item of OLD in wire form: what the mapping touches, a little more, and a text.
  static let item = filled(
    #"{"id":{"S":"\#(id)"},"profile":{"M":{"email":{"S":"margarete.schneider@example.com"},"age":{"S":"37"},"#
      + #""created":{"N":"1589372042"},"name":{"S":"Margarete Schneider"},"language":{"S":"de-DE"}}},"expires":{"N":"1924992000"},"#
      + #""enabled":{"BOOL":true},"phone":{"S":"+49 511 1234567"},"plan":{"S":"family"},"note":{"S":""#)

  /// The same with many small values of every common type: what a codec likes least.
  static let denseItem = filled(
    #"{"id":{"S":"\#(id)"},"profile":{"M":{"email":{"S":"margarete.schneider@example.com"},"age":{"S":"37"},"#
      + #""created":{"N":"1589372042"},"name":{"S":"Margarete Schneider"},"address":{"M":{"street":{"S":"Lindenstrasse 18"},"#
      + #""city":{"S":"Hannover"},"zip":{"S":"30159"},"country":{"S":"DE"}}}}},"expires":{"N":"1924992000"},"enabled":{"BOOL":true},"#
      + #""phone":{"S":"+49 511 1234567"},"roles":{"SS":["author","reader"]},"logins":{"N":"1842"},"#
      + #""recent":{"L":[{"N":"17"},{"N":"4"},{"N":"251"}]},"note":{"S":""#)

  /// `start` followed by as much text as makes an item of `itemBytes`.
  private static func filled(_ start: String) -> String {
    let end = #""}}"#
    let filler = "Prefers to be written to in the morning; two deliveries came back in spring. "
    let room = itemBytes - start.utf8.count - end.utf8.count
    return start + String(repeating: filler, count: room / filler.utf8.count + 1).prefix(room) + end
  }

  /// The mapping in the language that users write.
  static let mapping = """
    version: 1
    old: {hash: {id: S}}
    new: {hash: {id: S}, indexes: {byEmail: {hash: {email: S}}}}
    key: {id: id}
    attributes:
      schema: {const: 2}
      email: profile.email
      age: {from: profile.age, was: string, type: number}
      createdAt: {from: profile.created, was: epoch-seconds, type: iso8601}
      expiresAt: expires
      active: enabled
      contact.phone: phone
    rest: keep
    """

  /// Where the digits of the first id in `text` begin, in bytes; nil if it holds none.
  static func digitsOffset(in text: String) -> Int? {
    let bytes = Array(text.utf8)
    let digits = Array(id.utf8.suffix(idDigits))
    let letters = Array(id.utf8.prefix(id.utf8.count - idDigits))
    for start in 0..<max(0, bytes.count - digits.count - letters.count)
    where bytes[start...].starts(with: letters) && bytes[(start + letters.count)...].prefix(idDigits).allSatisfy({ 48...57 ~= $0 }) {
      return start + letters.count
    }
    return nil
  }

  static func compiledMapping() throws(Failure) -> CompiledMapping {
    do {
      return try CompiledMapping(yaml: Array(mapping.utf8), file: "benchmark.yaml")
    } catch {
      throw Failure("the mapping: \(error)")
    }
  }

  /// `item` as NEW has it.
  static func convertedItem() throws(Failure) -> String {
    do {
      guard let converted = try compiledMapping().convert(Item(wire: item.utf8.span)).first else {
        throw Failure("the mapping skips the item")
      }
      var wire = ByteBuffer()
      converted.encode(into: &wire)
      return String(decoding: wire.span.indices.map { wire[$0] }, as: UTF8.self)
    } catch {
      throw Failure("the mapping: \(error)")
    }
  }

  /// What a child process that puts has to say in the end.
  static func report(seconds: Double, error: String?) throws(Failure) {
    let usage = try Usage.current()
    var fields = Fields()
    if let error { fields.set("error", error) }
    fields.set("seconds", seconds)
    fields.set("cpu", usage.seconds)
    fields.set("peak", usage.peakBytes)
    Terminal.write(fields.text)
  }
}
