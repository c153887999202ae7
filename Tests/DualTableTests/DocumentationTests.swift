import Foundation
import TestSupport
import Testing

/// The listings of the documentation and of the README are code that was compiled: each stands, line by line, in a file of `Listings` or of the custom
/// executable.
@Suite struct DocumentationTests {
  static let tests = URL(filePath: #filePath).deletingLastPathComponent()
  static let catalog = tests.deletingLastPathComponent().deletingLastPathComponent().appending(
    path: "Sources/DualTable/Documentation.docc")
  static let articles = [
    "DualTable": "OverviewListings", "CodableItems": "CodableItemsListings", "SwiftMappings": "SwiftMappingsListings",
    "Observability": "ObservabilityListings", "SampleService": "SampleServiceListings", "Transactions": "TransactionsListings",
    "Queries": "QueriesListings", "TestingYourService": "TestingYourServiceListings", "README": "ReadmeListings",
  ]

  static func lines(_ text: some StringProtocol) -> [String] {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  static func lines(of file: URL) throws -> [String] { lines(try String(contentsOf: file, encoding: .utf8)) }

  @Test func everyListingIsCompiled() throws {
    var listings = 0
    let executable = try Self.lines(of: Self.tests.deletingLastPathComponent().appending(path: "CustomMigration/main.swift"))
    let pages = try FileManager.default.contentsOfDirectory(atPath: Self.catalog.path).sorted().map { Self.catalog.appending(path: $0) }
    let readme = Self.tests.deletingLastPathComponent().deletingLastPathComponent().appending(path: "README.md")
    for page in pages + [readme] where page.pathExtension == "md" {
      let name = page.lastPathComponent
      let text = try String(contentsOf: page, encoding: .utf8)
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
    #expect(listings >= 10)
  }

  static func tool(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Where the build has left the modules: beside the tests, or up to three folders above them.
  static let modules: String? = {
    var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    for _ in 0..<4 {
      let found = folder.appending(path: "Modules")
      if FileManager.default.fileExists(atPath: found.appending(path: "DualTable.swiftmodule").path) { return found.path }
      folder.deleteLastPathComponent()
    }
    return nil
  }()

  /// Every page is well-formed, every link leads to a page or a symbol that is there, and every parameter that a symbol's
  /// documentation should name is named: by the toolchain's own builder, with warnings as errors.
  @Test(.enabled("no docc in the path, or no modules beside the tests") { tool("docc") != nil && modules != nil })
  func bookIsBuilt() throws {
    let folder = TemporaryDirectory()
    let sources = Self.catalog.deletingLastPathComponent().deletingLastPathComponent()
    let libraries = try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted().filter { name in
      FileManager.default.fileExists(atPath: sources.appending(path: "\(name)/module.modulemap").path)
    }
    let graph = try Self.run(
      "swift",
      [
        "symbolgraph-extract", "-module-name", "DualTable", "-I", try #require(Self.modules), "-target",
        "\(Self.architecture)-unknown-linux-gnu",
      ]
        + libraries.flatMap { ["-I", sources.appending(path: $0).path] }
        + ["-minimum-access-level", "public", "-output-dir", folder.path])
    try #require(graph.status == 0, "\(graph.text)")
    let book = try Self.run(
      "docc",
      [
        "convert", Self.catalog.path, "--fallback-display-name", "DualTable", "--fallback-bundle-identifier", "dualtable",
        "--additional-symbol-graph-dir", folder.path, "--warnings-as-errors", "--output-path", "\(folder.path)/out",
      ])
    #expect(book.status == 0, "\(book.text)")
    #expect(!book.text.contains("warning:") && !book.text.contains("error:"), "\(book.text)")
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/out/data/documentation/dualtable/runbook.json"))
  }

  #if arch(x86_64)
    static let architecture = "x86_64"
  #else
    static let architecture = "aarch64"
  #endif

  private static func run(_ name: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: try #require(Self.tool(name)))
    process.arguments = arguments
    process.standardError = output
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
