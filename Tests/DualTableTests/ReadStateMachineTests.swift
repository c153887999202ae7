import DualTable
import DynamoDBModel
import MigrationControl
import Testing

@Suite struct ReadStateMachineTests {
  typealias Action = ReadStateMachine.Action
  static let item: Item = ["id": "a", "n": 1]
  static let other: Item = ["id": "a", "n": 2]

  /// Phase, what NEW has, what OLD has, the reads in order, the value.
  static let table: [(MigrationPhase, PhysicalItem, Item?, [Action], Item?)] = [
    (.old, .live(other), item, [.readOld], item),
    (.old, .tombstone, nil, [.readOld], nil),
    (.dualRead, .live(item), other, [.readNew], item),
    (.dualRead, .missing, other, [.readNew, .readOld], other),
    (.dualTable, .live(item), other, [.readNew], item),
    (.dualTable, .tombstone, other, [.readNew], nil),
    (.dualTable, .missing, other, [.readNew, .readOld], other),
    (.dualTable, .missing, nil, [.readNew, .readOld], nil),
    (.newWithTombstones, .live(item), other, [.readNew], item),
    (.newWithTombstones, .tombstone, other, [.readNew], nil),
    (.newWithTombstones, .missing, other, [.readNew], nil),
    (.new, .live(item), nil, [.readNew], item),
    (.new, .tombstone, nil, [.readNew], nil),
    (.new, .missing, other, [.readNew], nil),
  ]

  @Test("get: what was missing in NEW at the moment it was read had OLD's value, so OLD is read behind NEW", arguments: table)
  func reads(_ phase: MigrationPhase, _ new: PhysicalItem, _ old: Item?, _ reads: [Action], _ value: Item?) {
    let machine = ReadStateMachine(phase: phase)
    var asked: [Action] = []
    var action = machine.start()
    while true {
      switch action {
      case .readNew:
        asked.append(action)
        action = machine.newRead(new)
      case .readOld:
        asked.append(action)
        action = machine.oldRead(old)
      case .finish(let found):
        #expect(asked == reads)
        #expect(found == value)
        return
      }
    }
  }

  @Test func tellsWhatStandsInNEW() {
    #expect(PhysicalItem(nil, reserved: "_dt") == .missing)
    #expect(PhysicalItem(["id": "a"], reserved: "_dt") == .live(["id": "a"]))
    #expect(PhysicalItem(["id": "a", "_dt": 5], reserved: "_dt") == .tombstone)
    #expect(PhysicalItem(["id": "a", "_dt": 5], reserved: "_gone") == .live(["id": "a", "_dt": 5]))
  }
}
