import DualTableBackfill
import Foundation
import Testing

/// The table of roles in the documentation is the list that the policies are made of.
@Suite struct SecurityPageTests {
  private static func row(_ role: MigrationRole, _ resource: Permission.Resource) -> String? {
    let found = Permission.all.filter { $0.role == role && $0.resource == resource }.map(\.action)
    let actions = Permission.Action.allCases.filter { found.contains($0) }.map(\.rawValue)
    let name =
      switch resource {
      case .old: "the old table"
      case .oldIndexes: "the old table's indexes"
      case .new: "the new table"
      case .newIndexes: "the new table's indexes"
      case .control: "the control table"
      }
    return actions.isEmpty ? nil : "| \(role.rawValue) | \(name) | \(actions.joined(separator: ", ")) |"
  }

  @Test func `the page's table of roles, line by line`() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../Sources/DualTable/Documentation.docc/Security.md")
    let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").map { String($0) }
    let wanted = MigrationRole.allCases.flatMap { role in Permission.Resource.allCases.compactMap { Self.row(role, $0) } }
    #expect(lines.filter { line in MigrationRole.allCases.contains { line.hasPrefix("| \($0.rawValue) |") } } == wanted)
  }
}
