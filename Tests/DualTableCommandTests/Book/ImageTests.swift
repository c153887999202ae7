import TestSupport
import Testing

@testable import DualTableCommand

/// The recipe of the image in the book: what it installs, builds and runs is what the package, the tool and the printed manifests say.
@Suite struct ImageTests {
  private static let top = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

  private static func text(_ path: String) throws -> String {
    String(decoding: try TemporaryDirectory.bytes(at: "\(top)/\(path)"), as: UTF8.self)
  }

  /// The commands of each stage, as words.
  private static func stages() throws -> [[[String]]] {
    let block = try #require(try Article("Deployment").blocks.first { $0.lines.first?.hasPrefix("FROM ") == true })
    return block.commands.reduce(into: []) { stages, command in
      let words = command.split(separator: " ").map { String($0) }
      if words.first == "FROM" { stages.append([]) }
      if !words.isEmpty { stages[stages.count - 1].append(words) }
    }
  }

  /// What follows an instruction that a stage has once.
  private static func instruction(_ name: String, _ stage: [[String]]) throws -> [String] {
    let found = stage.filter { $0[0] == name }
    try #require(found.count == 1, "\(name)")
    return Array(found[0].dropFirst())
  }

  /// What a line of Package.swift or of the README has between `first` and the next `last`, wherever that is.
  private static func parts(_ text: String, _ first: String, _ last: Character) -> [String] {
    text.split(separator: first).dropFirst().map { String($0.prefix { $0 != last }) }
  }

  @Test func `each library is there to build with and to run with`() throws {
    let stages = try Self.stages()
    #expect(stages.count == 2)
    let libraries = Self.parts(try Self.text("Package.swift"), "providers: [.apt([\"", "\"")
    #expect(libraries.count == 5)
    let (build, run) = (stages[0].flatMap { $0 }, stages[1].flatMap { $0 })
    #expect(build.contains("pkg-config") && run.contains("ca-certificates"))
    for library in libraries {
      #expect(build.contains(library))
      let name = library.prefix { $0.isLetter }
      #expect(run.count { $0.hasPrefix(name) && !$0.hasSuffix("-dev") } == 1, "\(library)")
    }
  }

  @Test func `it is built as the README says, and what was built is what runs`() throws {
    let stages = try Self.stages()
    let command = try #require(Self.parts(try Self.text("README.md"), "&& swift build", "\n").first)
    #expect(stages[0].contains { $0.joined(separator: " ").contains("swift build\(command)") })
    let copied = try Self.instruction("COPY", stages[1])
    #expect(stages[0].flatMap { $0 }.contains(copied[1]) && copied[0] == "--from=build")
    let tool = try #require(copied.last?.split(separator: "/").last)
    #expect(try Self.instruction("ENTRYPOINT", stages[1]) == ["[\"\(tool)\"]"])
    #expect(tool == "dualtable")
  }

  @Test func `the workers that deploy prints run in it: command line, user and folder`() async throws {
    let stages = try Self.stages()
    let line = try #require(try CommandLineTests.lines("Deployment").first { $0.hasPrefix("deploy kubernetes ") })
    let manifest = await ToolRun.run(line, files: ["users.yaml": BuiltInMapping.users])
    #expect(manifest.status == .done, "\(manifest.error)")
    let lines = manifest.output.split(separator: "\n").map { $0.drop { $0 == " " } }
    func value(_ name: String) throws -> String {
      try #require(lines.first { $0.hasPrefix("\(name): ") }).dropFirst(name.count + 2).filter { $0 != "\"" }
    }
    let user = try value("runAsUser")
    #expect(try Self.instruction("USER", stages[1]) == ["\(user):\(user)"])
    #expect(try Self.instruction("VOLUME", stages[1]) == [try value("workingDir")])
    let first = try #require(lines.firstIndex(of: "args:"))
    let words = lines[(first + 1)...].prefix { $0.hasPrefix("- ") }.map { line in String(line.dropFirst(2).filter { $0 != "\"" }) }
    #expect(words.first == "backfill" && words.count > 5)
    let run = await ToolRun.run(
      words.joined(separator: " ") + " --print-config", files: ["/etc/dualtable/mapping.yaml": BuiltInMapping.users])
    #expect(run.status == .done, "\(run.error)")
  }
}
