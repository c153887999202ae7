import Foundation
import TestSupport
import Testing

/// One seed, two processes, one history.
@Suite struct SimulationTests {
  /// Built beside the tests.
  static let program = URL(filePath: BuildProducts.folder).appending(path: "Benchmarks")

  private static func history(_ seed: Int) throws -> [Substring] {
    let process = Process()
    let output = Pipe()
    process.executableURL = program
    process.arguments = ["child", "simulation", "\(seed)"]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "seed \(seed): \(text)")
    return text.split(separator: "\n").filter { !$0.hasPrefix("seconds=") }
  }

  @Test(.enabled("the program isn't built: run all tests") { FileManager.default.isExecutableFile(atPath: program.path) })
  func `one seed gives one history in two processes`() throws {
    let (first, second, other) = (try Self.history(1), try Self.history(1), try Self.history(2))
    #expect(first == second && first != other)
    #expect(first.first?.count == "history=".count + 64 && first.contains("strays=0"), "\(first)")
  }
}
