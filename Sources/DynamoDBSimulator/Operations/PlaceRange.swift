internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

/// The places that a key condition asks for: one partition, or a run of sort keys in it.
struct PlaceRange {
  /// Included.
  private let lower: Place
  /// Not included.
  private let upper: Place
  private let partition: [UInt8]

  init(_ condition: KeyCondition, _ workspace: inout Workspace) {
    var prefix: [UInt8] = []
    let hash = PlaceRange.append(condition.hash, to: &prefix, &workspace)
    partition = prefix
    func place(_ key: [UInt8]) -> Place { Place(hash: hash, key: key) }
    func form(_ value: ExpressionValue, _ workspace: inout Workspace) -> [UInt8] {
      var key = prefix
      _ = PlaceRange.append(value.value, to: &key, &workspace)
      return key
    }
    var (lower, upper) = (place(prefix), Place.end(hash: hash, of: prefix))
    switch condition.range {
    case nil: break
    case .comparison(let comparator, let value)?:
      let key = form(value, &workspace)
      if comparator == .equal || comparator == .greaterOrEqual { lower = place(key) }
      if comparator == .greater { lower = .end(hash: hash, of: key) }
      if comparator == .equal || comparator == .lessOrEqual { upper = .end(hash: hash, of: key) }
      if comparator == .less { upper = place(key) }
    case .between(let first, let last)?:
      lower = place(form(first, &workspace))
      upper = .end(hash: hash, of: form(last, &workspace))
    case .beginsWith(let start)?:
      // The form of a value without the two zeros at its end.
      let key = Array(form(start, &workspace).dropLast(2))
      lower = place(key)
      upper = .end(hash: hash, of: key)
    }
    self.lower = lower
    self.upper = upper
  }

  /// Appends a value's form and returns its hash.
  private static func append(_ value: AttributeValue, to key: inout [UInt8], _ workspace: inout Workspace) -> UInt64 {
    var bytes = ByteBuffer()
    value.encode(into: &bytes)
    do {
      _ = try workspace.stored.readValue(bytes.span)
    } catch {
      preconditionFailure("the value of an expression was judged before: \(error)")
    }
    return KeyForm.appendHash(of: 0, workspace.stored, bytes.span, to: &key, &workspace.scratch)
  }

  /// Refuses a place to go on from that lies elsewhere.
  func check(_ start: Place) throws(ServiceError) {
    guard start.hash == lower.hash, start.key.starts(with: partition) else {
      throw .validation("The provided starting key is outside query boundaries based on provided conditions")
    }
    guard start >= lower, start < upper else {
      throw .validation("The provided starting key does not match the range key predicate")
    }
  }

  /// Hands out the items in order, from behind `start` on, until `body` says to stop.
  func walk(
    _ items: OrderedTree<StoredItem>, isForward: Bool, after start: Place?, _ body: (Place, StoredItem) -> Bool
  ) {
    if isForward {
      items.walk(from: start ?? lower) { place, item in
        guard place < upper else { return false }
        return place == start || body(place, item)
      }
    } else {
      items.walkBack(from: start ?? upper) { place, item in
        guard place >= lower else { return false }
        return place == start || place == upper || body(place, item)
      }
    }
  }
}
