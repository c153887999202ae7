import Foundation
import Testing

/// What `deploy` prints, as code of others judges it: the cases of `Tests/deploy.py`.
@Suite struct DeployedManifestTests {
  static let python = ProcessInfo.processInfo.environment["DUALTABLE_TEST_PYTHON"]

  static var isReady: Bool { python != nil && ProcessTests.isBuilt }

  @Test(
    "kubernetes-validate and cfn-lint find nothing, and moto's interpreter runs the state machine",
    .enabled("run by Tests/run, which makes a Python environment") { isReady },
    arguments: ["kubernetes", "hostile_names", "step_functions", "state_machine"])
  func judged(_ name: String) throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "deploy.py")
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: try #require(Self.python))
    process.arguments = [script.path, ProcessTests.executable.path, name]
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && text.contains("\(name): ok"), "\(text)")
  }
}
