internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBModel
internal import MigrationControl

/// A batch of the caller's writes as NEW gets them: whole items, and a tombstone for each delete while OLD may still count.
internal struct BatchWrite: Sendable {
  /// The writes as they are sent.
  internal private(set) var physical: [WriteRequest] = []

  private let schema: KeySchema
  private let reserved: String

  /// Judges a batch and turns it into what is sent.
  ///
  /// - Throws: `invalidKey`, also where two writes have one key; `reservedName`; `unconvertible` where the mapping can't tell a key's OLD
  ///   key.
  internal init(_ writes: [WriteRequest], in phase: MigrationPhase, _ repository: DualTableRepository) throws(DualTableError) {
    schema = repository.mapping.newSchema
    reserved = repository.reserved
    var keys: [Item] = []
    for write in writes {
      switch write {
      case .put(let item): keys.append(try repository.check(item: item))
      case .delete(let key): keys.append(key)
      }
    }
    for (write, key) in zip(writes, try repository.check(keys: keys)) {
      switch write {
      case .put: physical.append(write)
      case .delete:
        switch try repository.deletion(of: key, in: phase) {
        case .put(let tombstone): physical.append(.put(tombstone))
        case .update, .delete: physical.append(.delete(key: key))
        }
      }
    }
  }

  /// Writes as the caller knows them.
  internal func logical(_ writes: [WriteRequest]) -> [WriteRequest] {
    writes.map { write in
      if case .put(let item) = write, item[reserved] != nil, let key = schema.key(of: item) { .delete(key: key) } else { write }
    }
  }
}
