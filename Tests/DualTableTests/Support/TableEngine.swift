import DynamoDBClient
import DynamoDBModel
import HTTPTransport

@testable import DynamoDBSimulator

/// The simulator's tables as a value: requests in, replies out, and a copy stays as it was.
struct TableEngine: Sendable {
  private var service = SimulatedService(SimulatedService.Settings())
  /// False for an engine that never sends the item along with a refusal.
  private let refusalsCarryItems: Bool
  private let keys: [String: KeySchema]

  init(tables: [(name: String, keys: KeySchema, items: [Item])], refusalsCarryItems: Bool = true) {
    self.refusalsCarryItems = refusalsCarryItems
    keys = Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0.keys) })
    for (name, keys, items) in tables {
      let attributes = keys.attributes.map { #"{"AttributeName":"\#($0.name)","AttributeType":"\#($0.type.rawValue)"}"# }
      let schema = zip(keys.attributes, ["HASH", "RANGE"]).map { #"{"AttributeName":"\#($0.name)","KeyType":"\#($1)"}"# }
      let reply = execute(
        "CreateTable",
        """
        {"TableName":"\(name)","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[\(attributes.joined(separator: ","))],
        "KeySchema":[\(schema.joined(separator: ","))]}
        """)
      precondition(reply.isSuccess, reply.body)
      for item in items { service.put(item, in: name) }
    }
  }

  /// An engine with these tables, indexes and all.
  ///
  /// - Parameter itemsInPage: items that a page of a query or scan looks at, at most.
  init(creating tables: [(input: CreateTableInput, keys: KeySchema, items: [Item])], itemsInPage: Int = .max) {
    var settings = SimulatedService.Settings()
    settings.itemsInPage = itemsInPage
    service = SimulatedService(settings)
    refusalsCarryItems = true
    keys = Dictionary(uniqueKeysWithValues: tables.map { ($0.input.tableName, $0.keys) })
    for (input, _, items) in tables {
      var body = ByteBuffer()
      input.encode(into: &body)
      let reply = execute("CreateTable", String(copying: body.span))
      precondition(reply.isSuccess, reply.body)
      for item in items { service.put(item, in: input.tableName) }
    }
  }

  mutating func execute(_ request: WireRequest) -> WireReply {
    guard !refusalsCarryItems else { return execute(request.operation, request.body) }
    let asked = #""ReturnValuesOnConditionCheckFailure":"ALL_OLD""#
    return execute(request.operation, request.body.replacing(asked, with: asked.replacing("ALL_OLD", with: "NONE")))
  }

  private mutating func execute(_ operation: String, _ body: String) -> WireReply {
    var workspace = Workspace()
    do throws(ServiceError) {
      let request = try ServiceRequest(
        target: "DynamoDB_20120810.\(operation)", body: ByteBuffer(body.utf8), at: 1_700_000_000_000, from: Caller())
      return Self.reply(200, try service.answer(request, &workspace))
    } catch {
      return Self.reply(error.status, error.body())
    }
  }

  private static func reply(_ status: Int, _ body: consuming ByteBuffer) -> WireReply {
    WireReply(status: status, body: String(copying: body.span))
  }

  func has(_ table: String) -> Bool { keys[table] != nil }

  /// Writes that were carried out.
  var writeCount: Int { service.writeCount }

  /// The item with this key.
  func item(_ key: Item, in table: String) -> Item? { service.items(in: table).first { keys[table]?.key(of: $0) == key } }

  /// Puts an item.
  mutating func put(_ item: Item, in table: String) { service.put(item, in: table) }

  /// Changes every item of a table.
  mutating func change(_ table: String, _ change: (Item) -> Item) {
    for item in service.items(in: table) { service.put(change(item), in: table) }
  }

  /// Makes the next batch leave the item with this key unprocessed.
  mutating func leaveUnprocessed(_ key: Item, in table: String) { service.leaveUnprocessed(key, in: table) }
}
