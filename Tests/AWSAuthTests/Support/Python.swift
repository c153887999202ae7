import Glibc
import TestSupport
import Testing

/// A Python interpreter that tests compare with.
struct Python {
  let path: String

  /// `DUALTABLE_TEST_PYTHON`, else the `python3` of the path, if it can import botocore; nil otherwise.
  static let withBotocore: Python? = {
    let named = unsafe getenv("DUALTABLE_TEST_PYTHON").map { unsafe String(cString: $0) }
    let python = Python(path: named ?? "python3")
    return unsafe system("\(Shell.quote(python.path)) -c 'import botocore.auth' > /dev/null 2>&1") == 0 ? python : nil
  }()

  /// The lines that `script` prints for `input`.
  func run(script: String, input: String) throws -> [String] {
    let folder = TemporaryDirectory()
    defer { withExtendedLifetime(folder) {} }
    try folder.write("script.py", Array(script.utf8))
    try folder.write("input", Array(input.utf8))
    let (status, output) = try #require(Shell.run("\(Shell.quote(self.path)) \(folder.path)/script.py < \(folder.path)/input"))
    try #require(status == 0, "the script failed with status \(status)")
    return output.split(separator: "\n").map { String($0) }
  }
}
