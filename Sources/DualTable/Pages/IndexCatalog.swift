internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel
internal import Synchronization

/// A secondary index as the service describes it.
internal struct IndexShape: Sendable {
  internal let keys: KeySchema
  internal let isGlobal: Bool
  /// The root attributes that it has; nil: all.
  internal let attributes: [String]?

  /// True if it has the attribute.
  internal func has(_ name: String) -> Bool { attributes?.contains { UTF8Text.equal($0, name) } ?? true }

  /// What it has of an item.
  internal func cut(_ item: Item) -> Item { attributes == nil ? item : Item(item.filter { has($0.name) }) }

  /// True if a local index must fetch items from its table for what the request names.
  ///
  /// - Throws: `invalidExpression`, in the service's words, where a global index is asked for what it hasn't got.
  internal func mustFetch(for request: PageRequest, named name: String) throws(DualTableError) -> Bool {
    guard attributes != nil else { return false }
    let projected = (request.shape.projection?.paths ?? []).map(\.root).filter { !has($0) }
    guard isGlobal else {
      let filtered = (request.shape.filter?.paths ?? []).contains { !has($0.root) }
      return request.select == .allAttributes || !projected.isEmpty || filtered
    }
    let cause = "One or more parameter values were invalid: "
    if request.select == .allAttributes {
      throw .invalid(
        cause + "Select type ALL_ATTRIBUTES is not supported for global secondary index \(name) because its projection type is not ALL")
    }
    guard projected.isEmpty else {
      throw .invalid(cause + "Global secondary index \(name) does not project [\(projected.joined(separator: ", "))]")
    }
    return false
  }
}

/// What is known of both tables' indexes: each table is described once, when a query first needs it, and again for an index that it hadn't.
internal final class IndexCatalog: Sendable {
  private let tables = Mutex<[String: [String: IndexShape]]>([:])

  /// The index; nil if the table has none of the name.
  internal func index(
    _ name: String, of table: String, _ client: DynamoDBClient, _ options: CallOptions
  ) async throws(DualTableError) -> IndexShape? {
    if let known = tables.withLock({ $0[table]?[name] }) { return known }
    let description: TableDescription
    do {
      description = try await client.describeTable(DescribeTableInput(tableName: table), options: options).table
    } catch {
      throw .requestFailed(error)
    }
    let shapes = IndexShape.all(of: description)
    tables.withLock { $0[table] = shapes }
    return shapes[name]
  }
}

extension IndexShape {
  fileprivate static func all(of table: TableDescription) -> [String: IndexShape] {
    var shapes: [String: IndexShape] = [:]
    for (indexes, isGlobal) in [(table.globalSecondaryIndexes, true), (table.localSecondaryIndexes, false)] {
      for index in indexes {
        guard let keys = KeySchema(index.keySchema, table.attributeDefinitions) else { continue }
        let own = (keys.attributes + (table.keys?.attributes ?? [])).map(\.name)
        let attributes: [String]? =
          switch index.projection?.projectionType {
          case .keysOnly?: own
          case .include?: own + (index.projection?.nonKeyAttributes ?? [])
          case .all?, nil: nil
          }
        shapes[index.indexName] = IndexShape(keys: keys, isGlobal: isGlobal, attributes: attributes)
      }
    }
    return shapes
  }
}
