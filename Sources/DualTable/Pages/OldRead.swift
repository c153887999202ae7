internal import DualTableMapping
internal import DynamoDBClient
internal import DynamoDBExpressions
internal import DynamoDBModel

/// One partition of OLD's table or of an index of OLD's that a query reads, and which part of it.
internal struct OldRead: Sendable {
  internal let partition: OldPartition
  /// What the sort key must pass; nil: nothing. The items of others may come too: each is judged again by the key it yields.
  internal let test: KeyTest?

  /// A request of its items.
  internal func input(_ read: StreamRead, table: String, isForward: Bool, isConsistent: Bool) -> QueryInput {
    var writer = ExpressionWriter()
    let keys = partition.keys
    var parts = [
      Condition.comparison(.path(DocumentPath(root: keys.hash.name)), .equal, .value(.init(placeholder: "", value: partition.value)))
    ]
    if let test, let sorted = keys.range { parts.append(test.condition(on: .path(DocumentPath(root: sorted.name)))) }
    let text = writer.write(.and(parts))
    // One whole key needs no limit, and with one the service wouldn't say that this was all.
    return QueryInput(
      tableName: table, indexName: partition.indexName, keyConditionExpression: text, exclusiveStartKey: read.start,
      limit: isOneItem ? nil : read.limit, scanIndexForward: isForward, consistentRead: isConsistent,
      expressionAttributeNames: writer.attributeNames, expressionAttributeValues: writer.attributeValues)
  }

  /// The key behind which it goes on after this item of OLD's, whose table has this key.
  internal func start(_ item: Item, _ schema: KeySchema) -> Item? {
    let key = schema.key(of: item)
    return partition.indexName == nil ? key : key?.adding(partition.keys.key(of: item))
  }

  /// True if it can find one item at most.
  private var isOneItem: Bool {
    guard partition.indexName == nil, partition.keys.range != nil else { return partition.indexName == nil }
    if case .comparison(.equal, _)? = test { return true }
    return false
  }
}

/// What a query asks OLD for.
internal enum OldPlan: Sendable {
  /// Nothing: no item of OLD's can pass.
  case none
  /// One part, whose items have the order of NEW's.
  case ordered(OldRead)
  /// All of some parts, to be sorted here.
  case sorted([OldRead])
}

extension OldPlan {
  /// The plan for one whole key of NEW's, or nil where a query isn't of one.
  internal init?(wholeKeyOf condition: KeyCondition, _ schema: KeySchema, _ old: OldTable) throws(DualTableError) {
    var key: Item = [schema.hash.name: condition.hash]
    if let sorted = schema.range {
      guard case .comparison(.equal, let value)? = condition.range else { return nil }
      key[sorted.name] = value.value
    }
    guard let oldKey = try old.key(for: key), let hash = oldKey[old.mapping.oldSchema.hash.name] else {
      self = .none
      return
    }
    let keys = old.mapping.oldSchema
    let test = keys.range.flatMap { oldKey[$0.name] }.map {
      KeyTest.comparison(.equal, ExpressionValue(placeholder: "range", value: $0))
    }
    self = .ordered(OldRead(partition: OldPartition(keys: keys, value: hash, sortKey: .ordered), test: test))
  }

  /// The plan for a partition of NEW's, whose items may be in several parts of OLD.
  internal init(_ partitions: [OldPartition], _ test: KeyTest?) {
    let ranges = partitions.map { (partition: $0, range: $0.range(of: test)) }.filter { $0.range != .none }
    guard let first = ranges.first else {
      self = .none
      return
    }
    func read(_ partition: OldPartition, _ range: OldRange) -> OldRead {
      if case .test(let test) = range { return OldRead(partition: partition, test: test) }
      return OldRead(partition: partition, test: nil)
    }
    if ranges.count == 1, first.partition.sortKey != .unrelated {
      self = .ordered(read(first.partition, first.range))
      return
    }
    func isSame(_ left: OldPartition, _ right: OldPartition) -> Bool { left.indexName == right.indexName && left.value == right.value }
    if ranges.allSatisfy({ $0.partition.sortKey == .ordered && isSame($0.partition, first.partition) }) {
      self = .ordered(OldRead(partition: first.partition, test: nil))
      return
    }
    // What several blocks have in one part is read once, and whole.
    var reads: [OldRead] = []
    for (partition, range) in ranges {
      if let place = reads.firstIndex(where: { isSame($0.partition, partition) }) {
        reads[place] = OldRead(partition: partition, test: nil)
      } else {
        reads.append(read(partition, range))
      }
    }
    self = .sorted(reads)
  }

  internal var reads: [OldRead] {
    switch self {
    case .none: []
    case .ordered(let read): [read]
    case .sorted(let reads): reads
    }
  }

  internal var isNone: Bool { if case .none = self { true } else { false } }
  internal var isOrdered: Bool { if case .sorted = self { false } else { true } }
}
