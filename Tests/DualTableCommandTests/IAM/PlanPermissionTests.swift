import DualTableBackfill
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Testing

@testable import DualTableCommand

/// What a plan says of missing permissions, and that it finds out without writing.
@Suite struct PlanPermissionTests {
  /// All that is stored, and the policies of the tables.
  private static func contents(_ place: ControlPlace) -> [String] {
    var lines: [String] = []
    for table in ["users", "users-v2", "control"] {
      lines += place.engine.items(in: table).map { "\(table) \($0)" }
    }
    place.engine.change { service in
      for table in service.tables.all { lines.append("\(table.name) \(table.definition.policy?.text ?? "no policy")") }
    }
    return lines
  }

  @Test(arguments: RoleScene.plans)
  func `plan checks permissions without writing anything, whether there are some or none`(_ scene: RoleScene) throws {
    // One that is asked for first, and without which nothing else can be.
    let first = scene.permissions.filter { $0.resource == .old && $0.action == .describeTable }
    for permissions in [scene.permissions, first] {
      let place = ControlPlace()
      var kept: [[String]] = []
      let written = try place.time.run {
        let outcome = try await scene.play(in: place, with: permissions) { kept.append(Self.contents(place)) }
        kept.append(Self.contents(place))
        let missing = scene.permissions.filter { !permissions.contains($0) }
        #expect(outcome.run.status == (missing.isEmpty ? .done : .findings), "\(outcome.run.error) \(outcome.run.output)")
        for permission in missing where permission.resource != .oldIndexes && permission.action != .createTable {
          #expect(
            LeastPrivilegeTests.names(permission, outcome.run), "\(permission.action.name) \(permission.resource) \(outcome.run.output)")
        }
        return outcome
      }
      #expect(kept.count == 2 && kept[0] == kept[1], "\(written.run.output)")
    }
  }

  /// 12 at most: as the help says.
  @Test func `what a plan's probes cost is what its help says`() {
    for role in MigrationRole.allCases {
      let units = Permission.needed(by: role, writeMode: .batch).reduce(0) { sum, permission in
        switch permission.action {
        case .putItem, .updateItem, .deleteItem: sum + 1
        case .conditionCheckItem: sum + 2
        default: sum
        }
      }
      #expect(units <= 12, "\(role)")
    }
  }
}
