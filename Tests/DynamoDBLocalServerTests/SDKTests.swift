import Foundation
import Testing

/// `dualtable local` as boto3 and the AWS command line see it: each case of `Tests/local.py` starts the tool itself.
@Suite("SDKs of others")
struct SDKTests {
  static let python = ProcessInfo.processInfo.environment["DUALTABLE_TEST_PYTHON"]
  /// Built beside the tests.
  static let tool = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "dualtable")

  static var absence: String? {
    if python == nil { return "no Python with boto3 and the AWS command line: DUALTABLE_TEST_PYTHON is not set (Tests/run sets it)" }
    return FileManager.default.isExecutableFile(atPath: tool.path) ? nil : "the tool isn't built: run all tests"
  }

  @Test(
    "works with boto3 and the AWS command line", .enabled("run by Tests/run, which makes a Python environment") { absence == nil },
    arguments: [
      "tables", "items", "command_line", "operator", "signatures", "clock_skew", "capacity", "faults", "retries", "lag", "data", "refusals",
      "start",
    ])
  func works(_ name: String) throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "local.py")
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: try #require(Self.python))
    process.arguments = [script.path, Self.tool.path, name]
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && text.contains("\(name): ok"), "\(text)")
  }
}
