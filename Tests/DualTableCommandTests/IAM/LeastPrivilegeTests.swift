import DualTableBackfill
import DynamoDBModel
import Glibc
import MigrationControl
import Testing

@testable import DualTableCommand

/// Each command works with exactly what `iam` prints for its role, and with one action less it says which one is missing.
@Suite struct LeastPrivilegeTests {
  /// Scenes that are played with one policy.
  struct Policy: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let scenes: [RoleScene]

    static let all: [Policy] = {
      var policies: [Policy] = []
      for role in MigrationRole.allCases where role != .service {
        let scenes = RoleScene.commands.filter { $0.role == role && $0.hasControl }
        for writeMode in Backfill.Configuration.WriteMode.allCases where scenes.contains(where: { $0.writeMode == writeMode }) {
          // What is proven of the other way of writing isn't proven twice.
          policies.append(
            Policy(testDescription: "\(role.rawValue) \(writeMode.rawValue)", scenes: scenes.filter { $0.writeMode == writeMode }))
        }
      }
      for phase in MigrationPhase.allCases {
        policies.append(Policy(testDescription: "service in \(phase)", scenes: RoleScene.services.filter { $0.phase == phase }))
      }
      return policies
    }()
  }

  /// All scenes that need an action are played without it; else one of them, since it is a matter of minutes.
  private static let isThorough = unsafe getenv("DUALTABLE_SEEDS") != nil

  @Test(arguments: RoleScene.commands.filter { !$0.hasControl })
  func `works with exactly the policy that iam prints, without a control table`(_ scene: RoleScene) throws { try works(scene) }

  @Test(arguments: Policy.all)
  func `works with exactly the policy that iam prints, and with one action less it fails and names it`(_ policy: Policy) throws {
    let outcomes = try policy.scenes.map { try works($0) }
    for permission in policy.scenes.first?.permissions ?? [] {
      var isNeeded = false
      for (scene, outcome) in zip(policy.scenes, outcomes) where scene.mayHaveAsked(for: permission.action, outcome) {
        if try fails(scene, without: permission, outcome) { isNeeded = true }
        if isNeeded && !Self.isThorough { break }
      }
      #expect(isNeeded, "nothing that \(policy) does needs \(permission.action.name) on \(permission.resource.rawValue)")
    }
  }

  @discardableResult private func works(_ scene: RoleScene) throws -> RoleOutcome {
    let outcome = try scene.play()
    #expect(outcome.run.status == scene.status, "\(scene): \(outcome.run.error) \(outcome.run.output)")
    #expect(!outcome.run.error.contains("AccessDenied"), "\(scene): \(outcome.run.error)")
    return outcome
  }

  /// False if the scene does without the permission.
  private func fails(_ scene: RoleScene, without permission: Permission, _ outcome: RoleOutcome) throws -> Bool {
    let less = try scene.play(with: scene.permissions.filter { $0 != permission })
    if less.run.status == outcome.run.status, !Self.names(permission, less.run) { return false }
    let says: Comment = "\(scene) without \(permission.action.name) on \(permission.resource): \(less.run.error) \(less.run.output)"
    #expect(Self.names(permission, less.run), says)
    // A plan tells all that is missing as blockers; everything else can't go on, and says so in one sentence.
    let isPlan = scene.says.hasPrefix("plan")
    #expect(less.run.status == .failed || isPlan && less.run.status == .findings, says)
    #expect(isPlan || less.run.error.split(separator: "\n").count { $0.hasPrefix("Error: ") } == 1, says)
    // Nothing is lost: OLD is as it was, and NEW has nothing less. A plan leaves both as they were.
    if scene.role != .service || isPlan {
      #expect(less.oldItems == less.oldBefore, says)
      #expect(isPlan ? less.newItems == less.newBefore : Set(less.newItems).isSuperset(of: less.newBefore), says)
    }
    return true
  }

  /// True if the run says that the action is missing, of that table or of an index of it.
  static func names(_ permission: Permission, _ run: ToolRun) -> Bool {
    let table =
      switch permission.resource {
      case .old: "users"
      case .oldIndexes: "users/index/byEmail"
      case .new: "users-v2"
      case .newIndexes: "users-v2/index/byEmail"
      case .control: "control"
      }
    let text = run.error + run.output
    return text.contains("\(permission.action.name) on resource: arn:aws:dynamodb:local:000000000000:table/\(table) ")
      || text.contains("may not \(permission.action.name) on \(table), which the role \(permission.role.rawValue) needs")
      || text.contains("may not \(permission.action.name) on \(table) anyway")
  }

  @Test func `no role has a permission twice`() {
    for role in MigrationRole.allCases {
      for mode in Backfill.Configuration.WriteMode.allCases {
        let permissions = Permission.needed(by: role, writeMode: mode).map { "\($0.action) \($0.resource)" }
        #expect(Set(permissions).count == permissions.count, "\(role)")
      }
    }
  }
}
