internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBModel

/// The keys of OLD that hold the values of several keys of NEW: each once, since several may come from one item.
internal struct OldKeys: Sendable {
  /// In the order in which they are first needed.
  internal private(set) var keys: [Item] = []
  private let newKeys: [Item]
  /// Where in `keys` each new key's old one is; nil if no item of OLD yields it.
  private var places: [Int?] = []
  private let old: OldTable

  internal init(_ newKeys: [Item], of old: OldTable) throws(DualTableError) {
    self.newKeys = newKeys
    self.old = old
    var known: [Item: Int] = [:]
    for newKey in newKeys {
      guard let key = try old.key(for: newKey) else {
        places.append(nil)
        continue
      }
      places.append(known[key] ?? keys.count)
      guard known[key] == nil else { continue }
      known[key] = keys.count
      keys.append(key)
    }
  }

  /// For each new key the place in `keys` of what holds its value.
  internal func place(of newKey: Int) -> Int? { places[newKey] }

  /// The new keys' values, in order; nil where there is none.
  ///
  /// - Parameter items: OLD's items, in the order of `keys`.
  /// - Throws: `unconvertible`, if one of the items is.
  internal func values(from items: [Item?]) throws(DualTableError) -> [Item?] {
    var converted: [[Item]] = []
    for item in items {
      if let item { converted.append(try old.convert(item)) } else { converted.append([]) }
    }
    return zip(newKeys, places).map { newKey, place in
      place.flatMap { place in converted[place].first { old.mapping.newSchema.key(of: $0) == newKey } }
    }
  }

  /// Reads OLD consistently, in one batch.
  internal func read(
    _ capacity: ReturnConsumedCapacity? = nil, options: CallOptions
  ) async throws(DualTableError) -> (values: [Item?], consumedCapacity: [ConsumedCapacity]) {
    guard !keys.isEmpty else { return (newKeys.map { _ in nil }, []) }
    let (items, consumedCapacity) = try await old.client.items(
      keys, in: old.name, schema: old.mapping.oldSchema, capacity, options: options)
    return (try values(from: items), consumedCapacity)
  }
}

extension DynamoDBClient {
  /// Items by their keys, in the keys' order, as consistent reads give them; nil where there is none.
  internal func items(
    _ keys: [Item], in table: String, schema: KeySchema, _ capacity: ReturnConsumedCapacity? = nil, options: CallOptions
  ) async throws(DualTableError) -> (items: [Item?], consumedCapacity: [ConsumedCapacity]) {
    let input = BatchGetItemInput(
      requestItems: [table: KeysAndAttributes(keys: keys, consistentRead: true)], returnConsumedCapacity: capacity)
    let answer: BatchGetItemOutput
    do { answer = try await batchGetAllItems(input, options: options) } catch { throw .requestFailed(error.cause) }
    var found: [Item: Item] = [:]
    for item in answer.responses[table] ?? [] {
      if let key = schema.key(of: item) { found[key] = item }
    }
    return (keys.map { found[$0] }, answer.consumedCapacity)
  }
}
