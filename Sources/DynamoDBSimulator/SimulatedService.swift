internal import DynamoDBExpressions
package import DynamoDBModel
internal import HTTPTransport

/// The tables, and what each operation does to them: requests in, answers out, no time, no faults.
package struct SimulatedService: Sendable {
  private(set) var tables: [String: SimulatedTable] = [:]
  /// At most so many items in a page of a scan.
  private let itemsInPage: Int
  /// Writes that changed an item, for tests that say how many there may be.
  private(set) var writeCount = 0
  /// What tables and partitions have left; nil where nothing is ever too much.
  var capacity: CapacityModel?
  /// What callers may do.
  var access = AccessControl()

  init(itemsInPage: Int) { self.itemsInPage = itemsInPage }

  /// Stores an item behind the requests' backs; `table` must be there and the item have its key.
  package mutating func put(_ item: Item, in table: String) { set(item, at: item, in: table) }

  /// Removes the item with this key likewise.
  package mutating func delete(_ key: Item, in table: String) { set(nil, at: key, in: table) }

  private mutating func set(_ item: Item?, at key: Item, in table: String) {
    guard let place = tables[table]?.place(of: key) else { preconditionFailure("no table \(table), or no key of its") }
    tables[table]?[place] = item
  }

  /// The answer's body.
  mutating func answer(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    switch request.operation {
    case "CreateTable": try createTable(request)
    case "DescribeTable": try describeTable(request)
    case "DeleteTable": try deleteTable(request)
    case "GetItem": try getItem(request)
    case "BatchGetItem": try batchGetItem(request)
    case "PutItem": try putItem(request)
    case "UpdateItem": try updateItem(request)
    case "DeleteItem": try deleteItem(request)
    case "Scan": try scan(request)
    default: throw ServiceError(type: "com.amazon.coral.service#UnknownOperationException", message: "")
    }
  }

  // MARK: Tables

  private mutating func createTable(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    guard let name = try request.string("TableName") else { throw .validation("TableName is required") }
    guard tables[name] == nil else { throw .service("ResourceInUseException", "Table already exists: \(name)") }
    let shape = try CreateTableShape(request.json())
    let table = SimulatedTable(name: name, schema: try shape.schema(), description: shape)
    tables[name] = table
    return Self.description("TableDescription", table)
  }

  private func describeTable(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    Self.description("Table", try table(request))
  }

  private mutating func deleteTable(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let table = try table(request)
    tables[table.name] = nil
    return Self.description("TableDescription", table)
  }

  private static func description(_ member: String, _ table: SimulatedTable) -> ByteBuffer {
    var body = AnswerBody()
    let counts: [JSONValue.Member] = [
      .init("ItemCount", .number("\(table.count)")), .init("TableSizeBytes", .number("\(table.sizeInBytes)")),
    ]
    body.add(member, .object(table.description.members(name: table.name) + counts))
    return body.finish()
  }

  private func table(_ request: borrowing ServiceRequest) throws(ServiceError) -> SimulatedTable {
    guard let name = try request.string("TableName"), let table = tables[name] else { throw .tableMissing }
    return table
  }

  // MARK: Reads

  private func getItem(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let table = try table(request)
    let place = try table.validPlace(try request.item("Key"))
    var found = table[place]
    let size = found?.sizeInBytes ?? 0
    var attributes = try request.attributes()
    if let text = try request.string("ProjectionExpression") {
      let projection = try parsing { () throws(ExpressionError) in try ProjectionExpression(text, &attributes) }
      found = found.map(projection.project)
    }
    try parsing { () throws(ExpressionError) in try attributes.checkAllUsed() }
    var body = AnswerBody()
    body.add("Item", found)
    try body.addCapacity(request, table: table.name, units: Self.readUnits(size, consistent: try request.flag("ConsistentRead")))
    return body.finish()
  }

  private func batchGetItem(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    var body = AnswerBody()
    var responses: [JSONValue.Member] = []
    for member in try request.json("RequestItems")?.object ?? [] {
      guard let table = tables[member.name] else { throw .tableMissing }
      var items: [JSONValue] = []
      for key in member.value["Keys"]?.array ?? [] {
        var wire = ByteBuffer()
        key.encode(into: &wire)
        let place = try table.validPlace(try converting { () throws(DynamoDBModelError) in try Item(wire: wire.span) })
        guard let found = table[place] else { continue }
        var out = ByteBuffer()
        found.encode(into: &out)
        items.append(try converting { () throws(DynamoDBModelError) in try JSONValue(parsing: out.span) })
      }
      responses.append(.init(member.name, .array(items)))
    }
    body.add("Responses", .object(responses))
    body.add("UnprocessedKeys", .object([]))
    return body.finish()
  }

  private func scan(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let table = try table(request)
    let limit = min(try request.integer("Limit") ?? .max, itemsInPage)
    let total = try request.integer("TotalSegments") ?? 1
    let segment = try request.integer("Segment") ?? 0
    guard total >= 1, total <= 1_000_000, segment >= 0, segment < total else {
      throw .validation("The Segment parameter must be less than the TotalSegments parameter, which is at most 1000000")
    }
    var attributes = try request.attributes()
    var projection: ProjectionExpression?
    if let text = try request.string("ProjectionExpression") {
      projection = try parsing { () throws(ExpressionError) in try ProjectionExpression(text, &attributes) }
    }
    let start = try request.item("ExclusiveStartKey").map { (key) throws(ServiceError) in try table.validPlace(key) }
    var items: [Item] = []
    var bytes = 0
    var last: Item?
    table.scan(segment: segment, of: total, after: start) { _, item in
      items.append(projection?.project(item) ?? item)
      bytes += item.sizeInBytes
      guard items.count >= limit || bytes >= 1_000_000 else { return true }
      last = table.schema.key(of: item)
      return false
    }
    var body = AnswerBody()
    body.add("Items", items)
    body.add("Count", .number("\(items.count)"))
    body.add("ScannedCount", .number("\(items.count)"))
    body.add("LastEvaluatedKey", last)
    try body.addCapacity(request, table: table.name, units: Self.readUnits(bytes, consistent: try request.flag("ConsistentRead")))
    return body.finish()
  }

  // MARK: Writes

  private mutating func putItem(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    guard let item = try request.item("Item") else { throw .validation("Item is required") }
    return try write(request, key: item) { (_, _) throws(ServiceError) in item }
  }

  private mutating func deleteItem(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    try write(request, key: try request.item("Key")) { (_, _) throws(ServiceError) in nil }
  }

  private mutating func updateItem(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    guard let key = try request.item("Key") else { throw .validation("Key is required") }
    let text = try request.string("UpdateExpression")
    return try write(request, key: key) { (found, attributes) throws(ServiceError) in
      guard let text else { return found ?? key }
      return try parsing { () throws(ExpressionError) in
        try UpdateExpression(text, &attributes).applied(to: found ?? key)
      }
    }
  }

  /// Judges the request's condition on what is there, and stores what `change` makes of it.
  private mutating func write(
    _ request: borrowing ServiceRequest, key: Item?,
    _ change: (Item?, inout ExpressionAttributes) throws(ServiceError) -> Item?
  ) throws(ServiceError) -> ByteBuffer {
    let table = try table(request)
    let place = try table.validPlace(key)
    let found = table[place]
    var attributes = try request.attributes()
    let condition = try request.string("ConditionExpression").map { (text) throws(ServiceError) in
      try parsing { () throws(ExpressionError) in try ConditionExpression(text, &attributes) }
    }
    let result: Item?
    if condition?.evaluate(on: found) ?? true {
      result = try change(found, &attributes)
    } else {
      let wantsItem = try request.string("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
      throw .conditionFailed(wantsItem ? found : nil)
    }
    try parsing { () throws(ExpressionError) in try attributes.checkAllUsed() }
    if let result, result.sizeInBytes > Item.largestSize { throw .validation("Item size has exceeded the maximum allowed size") }
    tables[table.name]?[place] = result
    writeCount += 1
    var body = AnswerBody()
    switch try request.string("ReturnValues") {
    case "ALL_OLD": body.add("Attributes", found)
    case "ALL_NEW": body.add("Attributes", result)
    default: break
    }
    let size = max(found?.sizeInBytes ?? 0, result?.sizeInBytes ?? 0)
    try body.addCapacity(request, table: table.name, units: Double(max(1, (size + 1_023) / 1_024)))
    return body.finish()
  }

  private static func readUnits(_ bytes: Int, consistent: Bool) -> Double {
    Double(max(1, (bytes + 4_095) / 4_096)) * (consistent ? 1 : 0.5)
  }
}

private func parsing<Value: ~Copyable>(_ body: () throws(ExpressionError) -> Value) throws(ServiceError) -> Value {
  do {
    return try body()
  } catch {
    throw ServiceError(error)
  }
}

private func converting<Value: ~Copyable>(_ body: () throws(DynamoDBModelError) -> Value) throws(ServiceError) -> Value {
  do {
    return try body()
  } catch {
    throw ServiceError(error)
  }
}

extension SimulatedTable {
  /// Where the item with this key stands or would, if the service takes it as a key.
  fileprivate func validPlace(_ key: Item?) throws(ServiceError) -> Place {
    guard let key else { throw .validation("The provided key element does not match the schema") }
    let valid = try converting { () throws(DynamoDBModelError) in try schema.validKey(of: key) }
    guard let place = place(of: valid) else { throw .validation("The provided key element does not match the schema") }
    return place
  }

  /// The size of all items.
  fileprivate var sizeInBytes: Int {
    var sum = 0
    scan(segment: 0, of: 1, after: nil) { _, item in
      sum += item.sizeInBytes
      return true
    }
    return sum
  }
}
