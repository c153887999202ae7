internal import DynamoDBModel
internal import HTTPTransport

/// All tables of a service at one moment, and the tokens of its transactions. Taking it costs nothing: what is written later is written beside it.
package struct ServiceSnapshot: Sendable {
  /// The first byte of each payload: what the rest of it is.
  enum Kind: UInt8 {
    /// A table's definition, as JSON.
    case table = 0x54
    /// Items of the table that came last, in wire form, one behind another.
    case items = 0x49
    /// The token of a transaction that was carried out, as JSON.
    case token = 0x4B
  }

  let tables: TableList
  let tokens: TransactionTokens

  /// Hands everything to `write`, payload by payload, each of about a megabyte at most.
  package func write<Failure>(_ write: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
    for table in tables.all {
      var payload = ByteBuffer(capacity: 1 << 20)
      payload.append(Kind.table.rawValue)
      table.json.encode(into: &payload)
      try write(payload.span)
      var place: Place? = .first
      while let start = place {
        place = table.appendItems(from: start, to: &payload)
        if payload.count > 1 { try write(payload.span) }
      }
    }
    for token in tokens.json {
      var payload = ByteBuffer(capacity: 4_096)
      payload.append(Kind.token.rawValue)
      token.encode(into: &payload)
      try write(payload.span)
    }
  }
}

extension SimulatedTable {
  /// Makes `payload` hold items from `start` on.
  ///
  /// - Returns: where the next ones begin; nil: there are none.
  fileprivate func appendItems(from start: Place, to payload: inout ByteBuffer) -> Place? {
    payload.removeAll()
    payload.append(ServiceSnapshot.Kind.items.rawValue)
    var next: Place?
    var bytes = payload.count
    var parts: [[UInt8]] = []
    items.walk(from: start) { place, item in
      guard bytes < 600_000 else {
        next = place
        return false
      }
      bytes += item.wire.count
      parts.append(item.wire)
      return true
    }
    for part in parts { payload.append(part.span) }
    return next
  }
}

/// Puts a service's tables together again from the payloads of a snapshot.
package struct SnapshotReader: ~Copyable, Sendable {
  private(set) var tables = TableList()
  private(set) var tokens = TransactionTokens()
  private var workspace = Workspace()
  /// The table whose items come.
  private var table: SimulatedTable?

  package init() {}

  /// Takes the next payload; false if it is none.
  package mutating func read(_ payload: Span<UInt8>) -> Bool {
    guard payload.count > 1, let kind = ServiceSnapshot.Kind(rawValue: payload[0]) else { return false }
    let content = payload.extracting(1..<payload.count)
    switch kind {
    case .table:
      finish()
      guard let json = try? JSONValue(parsing: content), let made = SimulatedTable(json: json) else { return false }
      table = made
      return true
    case .items:
      // Taken out while it changes: a table that two hold is copied.
      guard var table = table.take() else { return false }
      guard (try? table.put(content, &workspace)) != nil else { return false }
      self.table = table
      return true
    case .token: return (try? JSONValue(parsing: content)).map { tokens.add(json: $0) } ?? false
    }
  }

  /// Adds the last table.
  mutating func finish() {
    if let table = table.take() { tables.insert(table) }
  }
}

extension SimulatedTable {
  /// Stores items that lie one behind another.
  fileprivate mutating func put(_ items: Span<UInt8>, _ workspace: inout Workspace) throws {
    var offset = 0
    while offset < items.count {
      offset = try workspace.tape.read(items, at: offset)
      let place = try place(ofItem: workspace.tape, items, &workspace.scratch)
      let item = StoredItem(workspace.tape, items, &workspace.scratch)
      apply(write(item, at: place, &workspace))
    }
  }
}
