import DynamoDBModel
import HTTPTransport
import Synchronization

/// Tables in memory behind the transport seam: DescribeTable, Scan and GetItem, with pages of a few items, and a script that may change
/// the tables or refuse a request before it is served.
final class MemoryTables: HTTPTransport {
  struct Table: Sendable {
    let schema: KeySchema
    /// By canonical key; `order` says where a key stands in a scan.
    var items: [[UInt8]: Item] = [:]

    init(_ schema: KeySchema) { self.schema = schema }

    func canonical(_ item: Item) -> [UInt8] {
      var bytes = ByteBuffer()
      _ = schema.appendCanonicalKey(of: item, to: &bytes)
      return (0..<bytes.count).map { bytes[$0] }
    }

    mutating func put(_ item: Item) { items[canonical(item)] = item }
    mutating func delete(_ key: Item) { items[canonical(key)] = nil }
    func get(_ key: Item) -> Item? { items[canonical(key)] }

    /// FNV-1a: a scan's order has nothing to do with the keys'.
    static func order(_ key: [UInt8]) -> UInt64 { key.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } }
  }

  /// A request before it is served.
  struct Call: Sendable {
    let operation: String
    let table: String
    /// How many of this operation on this table came before.
    let index: Int
  }

  /// What a script answers in the tables' place: an error code of the service's.
  typealias Script = @Sendable (Call, inout [String: Table]) -> String?

  private struct State {
    var tables: [String: Table]
    var counts: [String: Int] = [:]
    var script: Script
  }

  let loops: [any TaskExecutor] = [globalConcurrentExecutor]
  private let state: Mutex<State>
  private let itemsInPage: Int

  init(_ tables: [String: Table], itemsInPage: Int = 7, script: @escaping Script = { _, _ in nil }) {
    self.itemsInPage = itemsInPage
    state = Mutex(State(tables: tables, script: script))
  }

  /// Lets `body` look at the tables or change them.
  func withTables<Result: Sendable>(_ body: (inout [String: Table]) -> Result) -> Result { state.withLock { body(&$0.tables) } }

  func follow(_ script: @escaping Script) { state.withLock { $0.script = script } }

  /// Requests of this operation on this table.
  func calls(_ operation: String, _ table: String) -> Int { state.withLock { $0.counts["\(operation) \(table)"] ?? 0 } }

  func shutdown() async {}

  func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    repeat {
      if Task.isCancelled { return }
      var request = HTTPRequestBuffer()
      guard let token = source.nextRequest(into: &request) else { return }
      let body = request.body
      let head = String(decoding: (0..<request.message.count - body.count).map { request.message[$0] }, as: UTF8.self)
      let operation = head.split(separator: "DynamoDB_20120810.")[1].prefix { $0.isLetter }
      var (status, answer) = serve(String(operation), (0..<body.count).map { body[$0] })
      let line = "HTTP/1.1 \(status) Said\r\n"
      var bytes = ByteBuffer((line + "\r\n").utf8)
      bytes.append(answer.span)
      answer = []
      var made = HTTPAnswer(
        status: status, bytes: bytes, fields: line.utf8.count..<line.utf8.count, body: (line.utf8.count + 2)..<(bytes.count))
      source.answered(token, &made)
    } while source.mayHaveMore
  }

  private func serve(_ operation: String, _ body: [UInt8]) -> (Int, [UInt8]) {
    guard let json = try? JSONValue(parsing: body.span), let name = json["TableName"]?.string else { return (400, []) }
    return state.withLock { state in
      let index = state.counts["\(operation) \(name)", default: 0]
      state.counts["\(operation) \(name)"] = index + 1
      if let code = state.script(Call(operation: operation, table: name, index: index), &state.tables) { return Self.refuse(code) }
      guard let table = state.tables[name] else { return Self.refuse("ResourceNotFoundException") }
      switch operation {
      case "DescribeTable": return (200, Array(Self.describe(table, name).utf8))
      case "GetItem":
        guard let found = Self.item(body, "Key").flatMap({ table.get($0) }) else { return (200, Array("{}".utf8)) }
        return (200, Array("{\"Item\":".utf8) + Self.wire(found) + Array("}".utf8))
      case "Scan": return (200, scan(table, json, Self.item(body, "ExclusiveStartKey")))
      default: return Self.refuse("UnknownOperationException")
      }
    }
  }

  private static func refuse(_ code: String) -> (Int, [UInt8]) {
    (400, Array(#"{"__type":"com.amazonaws.dynamodb.v20120810#\#(code)","message":"words"}"#.utf8))
  }

  private static func describe(_ table: Table, _ name: String) -> String {
    let keys = zip(table.schema.attributes, ["HASH", "RANGE"])
    let schema = keys.map { #"{"AttributeName":"\#($0.name)","KeyType":"\#($1)"}"# }.joined(separator: ",")
    let types = keys.map { key, _ in #"{"AttributeName":"\#(key.name)","AttributeType":"\#(key.type.rawValue)"}"# }.joined(separator: ",")
    return #"{"Table":{"TableName":"\#(name)","TableStatus":"ACTIVE","ItemCount":\#(table.items.count),"TableSizeBytes":0,"#
      + #""KeySchema":[\#(schema)],"AttributeDefinitions":[\#(types)]}}"#
  }

  private func scan(_ table: Table, _ json: JSONValue, _ start: Item?) -> [UInt8] {
    let segments = UInt64(json["TotalSegments"]?.integer ?? 1)
    let segment = UInt64(json["Segment"]?.integer ?? 0)
    let from = start.map { Table.order(table.canonical($0)) }
    let names = json["ExpressionAttributeNames"]?.object?.compactMap(\.value.string)
    let rest = table.items.keys.map { (order: Table.order($0), key: $0) }
      .filter { $0.order % segments == segment && $0.order > from ?? 0 }.sorted { $0.order < $1.order }
    let page = rest.prefix(itemsInPage)
    var answer = Array("{\"Items\":[".utf8)
    for (index, entry) in page.enumerated() {
      if index > 0 { answer.append(UInt8(ascii: ",")) }
      var item = table.items[entry.key]!
      if let names {
        var projected = Item()
        for (name, value) in item where names.contains(name) { projected[name] = value }
        item = projected
      }
      answer += Self.wire(item)
    }
    answer += Array("],\"Count\":\(page.count),\"ScannedCount\":\(page.count)".utf8)
    // As the service does: a full page has a key even where nothing follows.
    if page.count == itemsInPage, let last = page.last {
      answer += Array(",\"LastEvaluatedKey\":".utf8) + Self.wire(table.schema.key(of: table.items[last.key]!)!)
    }
    return answer + Array(",\"ConsumedCapacity\":{\"CapacityUnits\":0.5}}".utf8)
  }

  private static func item(_ body: [UInt8], _ name: StaticString) -> Item? {
    guard var reader = try? JSONObjectReader(body.span) else { return nil }
    while let found = try? reader.next(body.span) {
      guard let range = try? reader.skip(body.span) else { return nil }
      if body.span.equals(found, name) { return try? Item(wire: body[range].span) }
    }
    return nil
  }

  private static func wire(_ item: Item) -> [UInt8] {
    var bytes = ByteBuffer()
    item.encode(into: &bytes)
    return (0..<bytes.count).map { bytes[$0] }
  }
}
