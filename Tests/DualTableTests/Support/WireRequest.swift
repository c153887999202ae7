import DynamoDBModel
import HTTPTransport

/// A request as it came over the wire, with its members apart.
struct WireRequest: Sendable {
  let operation: String
  private let members: [String: [UInt8]]

  init(_ request: borrowing HTTPRequestBuffer) throws {
    let message = [UInt8](copying: request.message)
    let body = [UInt8](copying: request.body)
    let head = String(decoding: message.dropLast(body.count), as: UTF8.self)
    let target = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("x-amz-target:") }
    operation = target?.split(separator: ".").last.map(String.init) ?? ""
    members = try Self.members(of: body)
  }

  /// The request without some of its members.
  func without(_ names: [String]) -> WireRequest {
    WireRequest(operation: operation, members: members.filter { !names.contains($0.key) })
  }

  /// The request with a piece of its condition replaced.
  func replacing(_ piece: String, with other: String) -> WireRequest {
    var changed = members
    changed["ConditionExpression"] = Array("\"\((text("ConditionExpression") ?? "").replacing(piece, with: other))\"".utf8)
    return WireRequest(operation: operation, members: changed)
  }

  /// The request, asking what it takes.
  var measured: WireRequest {
    var changed = members
    changed["ReturnConsumedCapacity"] = Array(#""TOTAL""#.utf8)
    return WireRequest(operation: operation, members: changed)
  }

  /// A put as the delete of its item's `id`.
  var asDelete: WireRequest {
    var changed = without(["Item"]).members
    changed["Key"] = Array(Item([(name: "id", value: item("Item")?["id"] ?? nil)]).description.utf8)
    return WireRequest(operation: "DeleteItem", members: changed)
  }

  /// The request as JSON, its members by name.
  var body: String {
    let texts = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\(String(decoding: $0.value, as: UTF8.self))" }
    return "{\(texts.joined(separator: ","))}"
  }

  static func members(of object: [UInt8]) throws -> [String: [UInt8]] {
    var members: [String: [UInt8]] = [:]
    var reader = try JSONObjectReader(object.span)
    while let name = try reader.next(object.span) {
      let value = try reader.skip(object.span)
      members[String(decoding: object[name], as: UTF8.self)] = Array(object[value])
    }
    return members
  }

  subscript(_ name: String) -> JSONValue? {
    members[name].flatMap { bytes in try? JSONValue(parsing: bytes.span) }
  }

  func text(_ name: String) -> String? { self[name]?.string }

  func item(_ name: String) -> Item? {
    members[name].flatMap { bytes in try? Item(wire: bytes.span) }
  }

  var table: String { text("TableName") ?? "" }

  var names: [String: String]? {
    self["ExpressionAttributeNames"]?.object.map { members in
      Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value.string ?? "") })
    }
  }

  /// The tables of a batch, with their parts as requests.
  func batch() throws -> [(table: String, keys: [Item], part: WireRequest)] {
    try Self.members(of: members["RequestItems"] ?? Array("{}".utf8)).sorted { $0.key < $1.key }.map { table, bytes in
      let part = WireRequest(operation: "Get", members: try Self.members(of: bytes))
      return (table, try part.items("Keys"), part)
    }
  }

  private init(operation: String, members: [String: [UInt8]]) {
    self.operation = operation
    self.members = members
  }

  private func items(_ name: String) throws -> [Item] {
    let list = Array(#"{"L":"#.utf8) + (members[name] ?? Array("[]".utf8)) + Array("}".utf8)
    // An array of items isn't one of values; each element is read by itself.
    var items: [Item] = []
    var offset = 6
    let bytes = list
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "]") {
      if bytes[offset] == UInt8(ascii: "{") { items.append(try Item(wire: bytes.span, at: &offset)) } else { offset += 1 }
    }
    return items
  }
}

/// What an engine says.
struct WireReply: Sendable {
  var status = 200
  var body = "{}"

  var isSuccess: Bool { status == 200 }

  /// A transaction of one action that met another one.
  static let conflict = WireReply(
    status: 400,
    body: #"{"__type":"x#TransactionCanceledException","message":"words","CancellationReasons":[{"Code":"TransactionConflict"}]}"#)

  static func refusal(_ code: String, item: Item? = nil, status: Int = 400) -> WireReply {
    let blocking = item.map { ",\"Item\":\($0)" } ?? ""
    return WireReply(
      status: status, body: "{\"__type\":\"com.amazonaws.dynamodb.v20120810#\(code)\",\"message\":\"words\"\(blocking)}")
  }

  var answer: HTTPAnswer {
    let line = "HTTP/1.1 \(status) Said\r\n"
    let fields = "x-amzn-RequestId: REQUEST\r\n"
    let start = line.utf8.count + fields.utf8.count + 2
    return HTTPAnswer(
      status: status, bytes: ByteBuffer((line + fields + "\r\n" + body).utf8), fields: line.utf8.count..<(start - 2),
      body: start..<start + body.utf8.count)
  }
}
