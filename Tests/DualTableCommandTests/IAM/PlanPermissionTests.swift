import DualTableBackfill
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import Synchronization
import Testing

@testable import DualTableCommand

/// What a plan says of missing permissions, and that it finds out without writing.
@Suite struct PlanPermissionTests {
  /// All that is stored, and the policies of the tables.
  private static func contents(_ place: ControlPlace) async -> [String] {
    var lines: [String] = []
    for table in ["users", "users-v2", "control"] {
      lines += place.engine.items(in: table).map { "\(table) \($0)" }
      let arn = "arn:aws:dynamodb:local:000000000000:table/\(table)"
      let policy = try? await place.client.getResourcePolicy(GetResourcePolicyInput(resourceArn: arn))
      lines.append("\(table) \(policy?.policy ?? "no policy")")
    }
    return lines
  }

  @Test(arguments: RoleScene.plans)
  func `plan checks permissions without writing anything, whether there are some or none`(_ scene: RoleScene) throws {
    // Those that are asked for first, and without which nothing else is known.
    let first = scene.permissions.filter { $0.action == .describeTable && $0.resource != .control }
    for permissions in [scene.permissions, first] {
      let place = ControlPlace()
      try place.time.run {
        let before = Mutex<[String]>([])
        let outcome = try await scene.play(in: place, with: permissions) {
          let contents = await Self.contents(place)
          before.withLock { $0 = contents }
        }
        let after = await Self.contents(place)
        #expect(before.withLock { $0 } == after && after.count > 3, "\(outcome.run.output)")
        let missing = scene.permissions.filter { !permissions.contains($0) }
        #expect(outcome.run.status == (missing.isEmpty ? .done : .findings), "\(outcome.run.error) \(outcome.run.output)")
        for permission in missing where permission.resource != .oldIndexes && permission.action != .createTable {
          #expect(
            LeastPrivilegeTests.names(permission, outcome.run), "\(permission.action.name) \(permission.resource) \(outcome.run.output)")
        }
      }
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
