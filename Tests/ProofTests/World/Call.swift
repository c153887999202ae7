import DynamoDBClient

/// One operation that a client makes up.
struct Call: Sendable {
  var key: String
  var operation: HistoryEvent.Operation
  var value: String?
  var expect: String?
  /// True for a write that goes as an update expression rather than as a whole item.
  var isUpdateExpression = false
  /// True if it asks what was there.
  var tellsResult = false
  /// True for a read that goes as a batch over all keys.
  var isBatch = false

  /// Makes one up.
  ///
  /// - Parameters:
  ///   - fresh: a value unlike any other.
  ///   - seen: values that this client knows the key to have had.
  static func random(_ keys: [String], fresh: String, seen: (String) -> [String], using random: inout SeededGenerator) -> Call {
    let key = keys[random.below(keys.count)]
    var call = Call(key: key, operation: .get)
    switch random.below(16) {
    case 0...4: call.isBatch = random.below(3) == 0
    case 5, 6, 7: call.operation = .put
    case 8, 9: call.operation = .create
    case 10, 11: call.operation = .replace
    case 12, 13: call.operation = .update
    default: call.operation = .delete
    }
    guard call.operation != .get else { return call }
    call.tellsResult = random.below(2) == 0
    guard call.operation != .delete else { return call }
    call.value = fresh
    call.isUpdateExpression = random.below(2) == 0
    if call.operation == .replace {
      let known = seen(key)
      guard !known.isEmpty else {
        call.operation = .update
        return call
      }
      call.expect = known[random.below(known.count)]
    }
    return call
  }
}
