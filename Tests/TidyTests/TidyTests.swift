import Testing

/// What a machine can check of the house's style, over the whole tree.
@Suite struct TidyTests {
  static let suffixes = [".swift", ".c", ".h", ".py", ".sh", ".modulemap"]

  @Test func `every file keeps the rules`() throws {
    let files = try ["Package.swift"] + Repository.files(below: "Sources") + Repository.files(below: "Tests")
    let checked = files.filter { path in Self.suffixes.contains { path.hasSuffix($0) } || path == "Tests/run" }
    #expect(checked.count > 100, "the tree was found")
    for path in checked {
      for finding in TidyRules.findings(path: path, text: try Repository.text(of: path)) { Issue.record("\(finding)") }
    }
  }

  @Test func `the top level holds only what belongs there`() throws {
    let names = try Repository.names(in: ".").filter { !$0.hasPrefix(".") }.filter { try !Repository.isIgnored($0) }
    #expect(names.contains("Package.swift"))
    #expect(TidyRules.findings(top: names) == [])
  }

  @Test func `every room is in the order`() throws {
    for room in try Repository.names(in: "Sources") where room != "ArgumentParsing" && !Rooms.libraries.contains(room) {
      #expect(Rooms.order.contains(room), "add \(room) to Rooms.order")
    }
  }
}
