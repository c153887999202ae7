import Foundation
import TestSupport
import Testing

/// The listings of the documentation are code that was compiled: each stands, line by line, in a file of `Listings` or of the custom
/// executable.
@Suite struct DocumentationTests {
  static let tests = URL(filePath: #filePath).deletingLastPathComponent()
  static let catalog = tests.deletingLastPathComponent().deletingLastPathComponent().appending(
    path: "Sources/DualTable/Documentation.docc")
  static let articles = [
    "DualTable": "OverviewListings", "CodableItems": "CodableItemsListings", "SwiftMappings": "SwiftMappingsListings",
    "Observability": "ObservabilityListings", "SampleService": "SampleServiceListings", "Transactions": "TransactionsListings",
    "Queries": "QueriesListings",
  ]

  static func lines(_ text: some StringProtocol) -> [String] {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  static func lines(of file: URL) throws -> [String] { lines(try String(contentsOf: file, encoding: .utf8)) }

  @Test func everyListingIsCompiled() throws {
    var listings = 0
    let executable = try Self.lines(of: Self.tests.deletingLastPathComponent().appending(path: "CustomMigration/main.swift"))
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.catalog.path).sorted() where name.hasSuffix(".md") {
      let text = try String(contentsOf: Self.catalog.appending(path: name), encoding: .utf8)
      let blocks = text.components(separatedBy: "\n```swift\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] }
      guard !blocks.isEmpty else { continue }
      let source = try #require(Self.articles[String(name.dropLast(3))], "no file compiles the listings of \(name)")
      let compiled = try Self.lines(of: Self.tests.appending(path: "Listings/\(source).swift"))
      for block in blocks {
        listings += 1
        let block = Self.lines(block)
        let body = block.filter { !$0.hasPrefix("import ") }
        #expect(
          block == executable || (compiled.contains(body) && Set(block).subtracting(body).isSubset(of: compiled)),
          "\(name): nothing compiles \(block[0]) …")
      }
    }
    #expect(listings >= 9)
  }

  static let docc = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/docc" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Pages link to pages that are there, and are well-formed. The symbols themselves need a symbol graph, which the build doesn't leave.
  @Test(.enabled("no docc in the path") { docc != nil }) func catalogConverts() throws {
    let folder = TemporaryDirectory()
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: try #require(Self.docc))
    process.arguments = [
      "convert", Self.catalog.path, "--fallback-display-name", "DualTable", "--fallback-bundle-identifier", "dualtable", "--output-path",
      "\(folder.path)/out",
    ]
    process.standardError = output
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let complaints = text.split(separator: "\n").filter { $0.hasPrefix("warning:") || $0.hasPrefix("error:") }
    #expect(complaints == ["warning: No symbol matched 'DualTable'. Can't resolve 'DualTable'."])
  }
}
