import Foundation
import Testing

@testable import DualTableCommand

/// The runbook has an answer to everything that can sound: each metric, each finding, each exit status.
@Suite struct AlarmTests {
  static let sources = URL(filePath: Article.catalog).deletingLastPathComponent().deletingLastPathComponent()

  /// What `pattern`'s group matches in the Swift files below a room.
  static func names(in rooms: [String], _ pattern: Regex<(Substring, Substring)>) throws -> Set<String> {
    var names: Set<String> = []
    for room in rooms {
      let files = FileManager.default.enumerator(at: sources.appending(path: room), includingPropertiesForKeys: nil)
      for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
        for match in try String(contentsOf: file, encoding: .utf8).matches(of: pattern) { names.insert(String(match.1)) }
      }
    }
    return names
  }

  static func page(_ name: String) throws -> String { try String(contentsOfFile: "\(Article.catalog)/\(name).md", encoding: .utf8) }

  @Test("Each metric of service and run is in the runbook or in the article on watching")
  func metrics() throws {
    let names = try Self.names(in: ["DualTable", "MigrationControl", "DualTableCommand"], /"(dualtable_[a-z_]+)"/)
    #expect(names.count > 15)
    let pages = try Self.page("Runbook") + Self.page("Observability")
    #expect(names.filter { !pages.contains("`\($0)`") }.sorted() == [])
  }

  @Test("Each finding of plan and cutover check is in the runbook's table")
  func findings() throws {
    let rooms = ["DualTableBackfill/Plan", "MigrationControl/Steps"]
    let literal = try Self.names(in: rooms, /\.(?:ok|warning|blocker)\(\s*"([A-Za-z]+)"/)
    let named = try Self.names(in: rooms, /let subject = "([A-Za-z]+)"/)
    let names = literal.union(named)
    #expect(names.count > 20)
    let page = try Self.page("Runbook")
    #expect(names.filter { !page.contains("`\($0)`") }.sorted() == [])
  }

  @Test("Each exit status is in the runbook's table")
  func statuses() throws {
    let page = try Self.page("Runbook")
    for status in ToolStatus.allCases { #expect(page.contains("| \(status.rawValue) |"), "\(status)") }
  }
}
