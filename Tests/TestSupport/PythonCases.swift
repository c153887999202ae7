internal import Glibc

/// A script of `Tests` whose cases judge the tool by code of others; each case is a test.
package struct PythonCases: Sendable {
  /// The script's name, such as `deploy.py`.
  package let script: String

  package init(_ script: String) { self.script = script }

  /// The interpreter, with what the scripts import: `Tests/run` makes its environment.
  static let python = unsafe getenv("DUALTABLE_TEST_PYTHON").map { unsafe String(cString: $0) }

  /// The executable, which is built beside the tests.
  static let tool: String? = {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe readlink("/proc/self/exe", bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    let path = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    let tool = path.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/dualtable"
    return unsafe access(tool, X_OK) == 0 ? tool : nil
  }()

  /// True where the interpreter and the tool are there.
  package static var canRun: Bool { python != nil && tool != nil }

  /// What the case printed, and whether it passed.
  package func run(_ name: String) -> (passed: Bool, output: String) {
    guard let python = Self.python, let tool = Self.tool else { return (false, "there is no interpreter, or the tool isn't built") }
    let path = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/\(script)"
    guard let pipe = unsafe popen("'\(python)' '\(path)' '\(tool)' '\(name)' 2>&1", "r") else { return (false, "it doesn't start") }
    var bytes: [UInt8] = []
    while true {
      let byte = unsafe fgetc(pipe)
      if byte == EOF { break }
      bytes.append(UInt8(truncatingIfNeeded: byte))
    }
    let output = String(decoding: bytes, as: UTF8.self)
    return unsafe (pclose(pipe) == 0 && output.contains("\(name): ok"), output)
  }
}
