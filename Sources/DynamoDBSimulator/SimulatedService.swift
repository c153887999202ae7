internal import DynamoDBExpressions
package import DynamoDBModel
internal import HTTPTransport

/// The tables, and what each operation does to them: requests in, answers out, no sockets, no faults.
package struct SimulatedService: Sendable {
  /// How the service behaves where the real one takes its time.
  package struct Settings: Sendable {
    /// How long tables and indexes are being created, changed or deleted, in milliseconds. Default 0: that is done when the next request
    /// comes.
    package var settlingTime: Int64 = 0
    /// How long an expired item is still there at most, in milliseconds; each one's time is drawn from the seed. Default an hour.
    package var longestExpiryDelay: Int64 = 3_600_000
    /// At most so many items in a page of a scan or a query. Default: as many as a megabyte holds.
    package var itemsInPage = Int.max
    /// How far back eventually consistent reads may look, in milliseconds; each one's moment is drawn from the seed. Default 0: they see
    /// what consistent ones do.
    package var longestLag: Int64 = 0
    /// How long a transaction that writes is under way, in milliseconds: it takes effect at its beginning and holds its items to its end.
    /// Default 0: no time at all.
    package var transactionTime: Int64 = 0
    package var seed: UInt64 = 0

    package init() {}
  }

  var tables = TableList()
  var settings: Settings
  /// Writes that changed an item, for tests that say how many there may be.
  var writeCount = 0
  /// Requests about tables that were carried out.
  private(set) var administrationCount = 0
  /// Requests carried out: what ids are made of.
  var requestCount: UInt64 = 0
  var tokens = TransactionTokens()
  var heldItems = HeldItems()
  /// Items that the next batch which asks for them leaves unprocessed.
  private var busy: [(table: String, place: Place)] = []
  /// What tables and partitions have left; nil where nothing is ever too much.
  var capacity: CapacityModel?
  private var lag: ReplicaLag
  /// What callers may do.
  var access = AccessControl()

  init(_ settings: Settings) {
    self.settings = settings
    lag = ReplicaLag(longest: settings.longestLag, seed: settings.seed)
  }

  /// Stores an item behind the requests' backs; `table` must be there and the item be one that it takes.
  package mutating func put(_ item: Item, in table: String) {
    var bytes = ByteBuffer()
    item.encode(into: &bytes)
    change(table, bytes.span) { (table, tape, bytes, scratch) throws(ServiceError) in
      (try table.place(ofItem: tape, bytes, &scratch), StoredItem(tape, bytes, &scratch))
    }
  }

  /// Removes the item with this key likewise.
  package mutating func delete(_ key: Item, in table: String) {
    var bytes = ByteBuffer()
    key.encode(into: &bytes)
    change(table, bytes.span) { (table, tape, bytes, scratch) throws(ServiceError) in
      (try table.place(ofKey: tape, bytes, &scratch), nil)
    }
  }

  private mutating func change(
    _ name: String, _ bytes: Span<UInt8>,
    _ body: (SimulatedTable, borrowing ItemTape, Span<UInt8>, inout ByteBuffer) throws(ServiceError) -> (Place, StoredItem?)
  ) {
    var workspace = Workspace()
    guard let index = tables.index(of: name), (try? workspace.tape.read(bytes)) != nil,
      let (place, item) = try? body(tables[index], workspace.tape, bytes, &workspace.scratch)
    else { preconditionFailure("no table \(name), or no item of its") }
    tables[index].apply(tables[index].write(item, at: place, &workspace))
  }

  /// Makes the next batch that reads or writes the item with this key leave it unprocessed; the key must be one of the table's.
  package mutating func leaveUnprocessed(_ key: Item, in table: String) {
    var bytes = ByteBuffer()
    key.encode(into: &bytes)
    var workspace = Workspace()
    guard let index = tables.index(of: table), (try? workspace.tape.read(bytes.span)) != nil,
      let place = try? tables[index].place(ofKey: workspace.tape, bytes.span, &workspace.scratch)
    else { preconditionFailure("no table \(table), or no key of its") }
    busy.append((table, place))
  }

  /// True if a batch is to leave an item unprocessed, this one time.
  mutating func takeBusy(_ table: String, _ place: Place) -> Bool {
    guard !busy.isEmpty, let index = busy.firstIndex(where: { $0.table == table && $0.place == place }) else { return false }
    busy.remove(at: index)
    return true
  }

  /// Every item of a table, in scan order.
  package func items(in table: String) -> [Item] {
    guard let index = tables.index(of: table) else { return [] }
    var items: [Item] = []
    tables[index].items.walk(from: .first) { _, stored in
      items.append(stored.item)
      return true
    }
    return items
  }

  /// Has each partition give `factor` times what the service's do, and begins anew to count what is left of all tables' capacity.
  package mutating func scalePartitions(by factor: Double) {
    var settings = CapacityModel.Settings()
    settings.partitionRead *= factor
    settings.partitionWrite *= factor
    capacity = CapacityModel(settings: settings)
  }

  /// Calls `body` with one of `parts` equal shares of a table's items, in scan order.
  package func forEachItem(in table: String, part: Int, of parts: Int, _ body: (Item) -> Void) {
    guard let index = tables.index(of: table) else { return }
    var number = 0
    tables[index].items.walk(from: .first) { _, stored in
      if number % parts == part { body(stored.item) }
      number += 1
      return true
    }
  }

  /// The item with this key, which must be one of the table's.
  package func item(_ key: Item, in table: String) -> Item? {
    var bytes = ByteBuffer()
    key.encode(into: &bytes)
    var workspace = Workspace()
    guard let index = tables.index(of: table), (try? workspace.tape.read(bytes.span)) != nil,
      let place = try? tables[index].place(ofKey: workspace.tape, bytes.span, &workspace.scratch)
    else { return nil }
    return tables[index].items[place]?.item
  }

  /// Carries a request out.
  ///
  /// - Returns: the answer's body.
  mutating func answer(_ request: borrowing ServiceRequest, _ workspace: inout Workspace) throws(ServiceError) -> ByteBuffer {
    requestCount += 1
    advance(to: request.now, &workspace)
    heldItems.release(at: request.now)
    guard lag.longest > 0 else { return try carryOut(request, &workspace) }
    lag.begin(at: request.now)
    let (before, count) = (tables, writeCount)
    defer { if writeCount != count { lag.remember(before, until: request.now) } }
    return try carryOut(request, &workspace)
  }

  private mutating func carryOut(_ request: borrowing ServiceRequest, _ workspace: inout Workspace) throws(ServiceError) -> ByteBuffer {
    switch request.operation {
    case "PutItem", "UpdateItem", "DeleteItem": return try writeItem(request, &workspace)
    case "GetItem": return try getItem(request, &workspace)
    case "Scan": return try scan(request, &workspace)
    case "Query": return try query(request, &workspace)
    case "BatchGetItem": return try batchGetItem(request, &workspace)
    case "BatchWriteItem": return try batchWriteItem(request, &workspace)
    case "TransactGetItems": return try transactGetItems(request, &workspace)
    case "TransactWriteItems": return try transactWriteItems(request, &workspace)
    case "BatchExecuteStatement": return try batchExecuteStatement(request, &workspace)
    default:
      administrationCount += 1
      return try administer(request, &workspace)
    }
  }

  /// The operations on tables.
  private mutating func administer(
    _ request: borrowing ServiceRequest, _ workspace: inout Workspace
  ) throws(ServiceError) -> ByteBuffer {
    switch request.operation {
    case "CreateTable": try createTable(request)
    case "DescribeTable": try describeTable(request)
    case "UpdateTable": try updateTable(request, &workspace)
    case "DeleteTable": try deleteTable(request)
    case "ListTables": try listTables(request)
    case "DescribeTimeToLive": try describeTimeToLive(request)
    case "UpdateTimeToLive": try updateTimeToLive(request)
    case "TagResource": try tagResource(request)
    case "UntagResource": try untagResource(request)
    case "ListTagsOfResource": try listTagsOfResource(request)
    case "PutResourcePolicy": try putResourcePolicy(request)
    case "GetResourcePolicy": try getResourcePolicy(request)
    case "DeleteResourcePolicy": try deleteResourcePolicy(request)
    case "DescribeContinuousBackups": try describeContinuousBackups(request)
    default: throw .unknownOperation
    }
  }

  // MARK: Time

  /// Does what is due: deletions of tables that take their time, and of items that have expired.
  private mutating func advance(to now: Int64, _ workspace: inout Workspace) {
    for index in tables.all.indices.reversed() {
      let change = tables[index].definition.change
      if change.status == .deleting, now >= change.until {
        access.resourcePolicies[tables[index].name] = nil
        capacity?.remove(table: tables[index].name)
        tables.remove(at: index)
      } else if tables[index].expiry != nil {
        tables[index].sweep(at: now, &workspace)
      }
    }
  }

  // MARK: Tables

  /// The items that a read of a table, or of one of its indexes, sees.
  func items(of table: Int, index: Int? = nil, isConsistent: Bool, at now: Int64) -> OrderedTree<StoredItem> {
    let seen = isConsistent ? nil : lag.table(tables[table].name)
    if let index { return (seen?.index(named: tables[table].indexes[index].name) ?? tables[table].indexes[index]).items }
    return (seen ?? tables[table]).items
  }

  /// The index of the table that a request reads or writes, by its name or ARN.
  func table(_ name: String, at now: Int64) throws(ServiceError) -> Int {
    guard let index = tables.index(of: Self.tableName(name)), tables[index].definition.status(at: now) != .creating else {
      throw .tableMissing
    }
    return index
  }

  /// The name in a table's ARN; a name as it is.
  static func tableName(_ name: String) -> String {
    guard name.utf8.starts(with: "arn:".utf8) else { return name }
    return name.split(separator: "/", omittingEmptySubsequences: false).dropFirst().first.map(String.init) ?? name
  }

  /// An id that no other has, the same in each run of one seed.
  func makeID() -> String { Self.id(settings.seed, requestCount) }
}
