internal import Glibc

/// A script of `Tests` whose cases judge the tool by code of others; each case is a test.
package struct PythonCases: Sendable {
  /// The script's name, such as `deploy.py`.
  package let script: String

  package init(_ script: String) { self.script = script }

  /// The interpreter, with what the scripts import: `Tests/run` makes its environment.
  static let python = unsafe getenv("DUALTABLE_TEST_PYTHON").map { unsafe String(cString: $0) }

  /// The executable, which is built beside the tests.
  static let tool = BuildProducts.executable("dualtable")

  /// True where the interpreter and the tool are there.
  package static var canRun: Bool { python != nil && tool != nil }

  /// What the case printed, and whether it passed.
  package func run(_ name: String) -> (passed: Bool, output: String) {
    guard let python = Self.python, let tool = Self.tool else { return (false, "there is no interpreter, or the tool isn't built") }
    let path = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/\(script)"
    let line = [python, path, tool, name].map(Shell.quote).joined(separator: " ")
    guard let (status, output) = Shell.run("\(line) 2>&1") else { return (false, "it doesn't start") }
    return (status == 0 && output.contains("\(name): ok"), output)
  }
}
