import DynamoDBModel
import Testing

/// Small histories that are right, and their neighbors that aren't.
@Suite("The serializability checker") struct SerializabilityCheckerTests {
  typealias Record = TransactionRecord

  static let keys: [Item] = [["id": "a"], ["id": "b"]]
  static let one: Item = ["id": "a", "v": 1]
  static let two: Item = ["id": "b", "v": 2]

  static func record(_ call: Record.Call, _ began: Int, _ ended: Int, _ outcome: Record.Outcome) -> Record {
    Record(call: call, began: began, ended: ended, outcome: outcome)
  }
  static func put(_ key: Int, _ item: Item, if condition: String? = nil) -> Record.Action {
    Record.Action(key: key, change: .put(item), condition: condition)
  }

  private static let both: Record.Call = .write([put(0, one), put(1, two)])

  static let histories: [(name: String, records: [Record], isSerializable: Bool)] = [
    ("read after write", [record(both, 0, 1, .committed), record(.read([0, 1]), 2, 3, .read([one, two]))], true),
    ("read half of it", [record(both, 0, 1, .committed), record(.read([0, 1]), 2, 3, .read([one, nil]))], false),
    ("read beside it, before", [record(both, 0, 3, .committed), record(.read([0, 1]), 1, 2, .read([nil, nil]))], true),
    ("read beside it, half", [record(both, 0, 3, .committed), record(.read([0, 1]), 1, 2, .read([nil, two]))], false),
    ("stale", [record(both, 0, 1, .committed), record(.read([0]), 2, 3, .read([nil]))], false),
    ("unknown, seen", [record(both, 0, 1, .unknown), record(.read([0, 1]), 5, 6, .read([one, two]))], true),
    ("unknown, not seen", [record(both, 0, 1, .unknown), record(.read([0, 1]), 5, 6, .read([nil, nil]))], true),
    (
      "unknown, seen and gone again",
      [
        record(both, 0, 1, .unknown), record(.read([0]), 2, 3, .read([one])), record(.read([0]), 4, 5, .read([nil])),
      ], false
    ),
    (
      "two creates of one key",
      [
        record(.write([put(0, one, if: "attribute_not_exists(id)")]), 0, 3, .committed),
        record(.write([put(0, one, if: "attribute_not_exists(id)")]), 1, 2, .committed),
      ], false
    ),
    (
      "a create that lost",
      [
        record(.write([put(0, one, if: "attribute_not_exists(id)")]), 0, 3, .committed),
        record(.write([put(0, one, if: "attribute_not_exists(id)")]), 1, 2, .refused([(0, one)])),
      ], true
    ),
    (
      "refused for nothing", [record(.write([put(0, one, if: "attribute_not_exists(id)")]), 0, 1, .refused([(0, nil)]))], false
    ),
    (
      "refused, and happened all the same",
      [
        record(.write([put(0, one), put(1, two, if: "attribute_exists(id)")]), 0, 1, .refused([(1, nil)])),
        record(.read([0]), 2, 3, .read([one])),
      ], false
    ),
    (
      "write skew",
      [
        record(.write([put(0, one), Record.Action(key: 1, change: .check, condition: "attribute_not_exists(id)")]), 0, 3, .committed),
        record(.write([put(1, two), Record.Action(key: 0, change: .check, condition: "attribute_not_exists(id)")]), 1, 2, .committed),
      ], false
    ),
  ]

  @Test(arguments: histories) func judges(_ name: String, _ records: [Record], _ isSerializable: Bool) {
    var checker = SerializabilityChecker([nil, nil], keys: Self.keys, records)
    #expect(checker.isSerializable() == isSerializable)
  }
}
