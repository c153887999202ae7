internal import DynamoDBModel
internal import HTTPTransport

// DescribeTable, DeleteTable and ListTables.
extension SimulatedService {
  /// `TableName` of the operations on tables, which ask for it in other words.
  static func requiredTable(_ request: borrowing ServiceRequest, _ constraints: inout Constraints) throws(ServiceError) -> String {
    guard let name = try request.string("TableName") else {
      throw .validation("The parameter 'TableName' is required but was not present in the request")
    }
    let isARN = name.utf8.starts(with: "arn:".utf8)
    guard isARN || (3...255).contains(name.utf8.count) else {
      throw .validation("TableName must be at least 3 characters long and at most 255 characters long")
    }
    constraints.name(name, "tableName")
    return tableName(name)
  }

  /// The index of the table that an operation on tables names.
  func describedTable(_ request: borrowing ServiceRequest) throws(ServiceError) -> Int {
    var constraints = Constraints()
    let name = try Self.requiredTable(request, &constraints)
    try constraints.check()
    guard let index = tables.index(of: name) else { throw .tableMissing(name) }
    return index
  }

  func describeTable(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    Self.answer("Table", tables[try describedTable(request)].json(at: request.now))
  }

  mutating func deleteTable(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let index = try describedTable(request)
    try checkSettled(index, at: request.now)
    guard !tables[index].definition.isProtected else {
      throw .validation(
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
    }
    tables[index].definition.change = (.deleting, request.now + settings.settlingTime)
    return Self.answer("TableDescription", tables[index].json(at: request.now, as: .deleting))
  }

  /// Refuses changes to a table that is changing.
  func checkSettled(_ index: Int, at now: Int64) throws(ServiceError) {
    let table = tables[index]
    let status = table.definition.status(at: now)
    let isFilling = table.indexes.contains { now < $0.activeAt }
    guard status == .active, !isFilling else {
      let verb = status == .creating ? "created" : status == .deleting ? "deleted" : "updated"
      throw .service(
        "ResourceInUseException", "Attempt to change a resource which is still in use: Table is being \(verb): \(table.name)")
    }
  }

  func listTables(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    var constraints = Constraints()
    let limit = try request.integer("Limit")
    constraints.range(limit, "limit", 1, 100)
    let start = try request.string("ExclusiveStartTableName")
    constraints.name(start, "exclusiveStartTableName")
    try constraints.check()
    let rest = tables.all.map(\.name).filter { name in start.map { UTF8Text.less($0, name) } ?? true }
    let names = rest.prefix(limit ?? 100)
    var body = AnswerBody()
    body.add("TableNames", .array(names.map { .string($0) }))
    if names.count < rest.count, let last = names.last { body.add("LastEvaluatedTableName", .string(last)) }
    return body.finish()
  }
}
