import Glibc
import TestSupport
import Testing

/// Runs scripts in the shells that are here.
enum ShellRunner {
  static func has(_ shell: String) -> Bool { unsafe system("command -v \(shell) > /dev/null 2>&1") == 0 }

  /// The lines that `script` prints.
  static func run(_ shell: String, _ script: String) throws -> [String] {
    let folder = TemporaryDirectory()
    defer { withExtendedLifetime(folder) {} }
    try folder.write("script", Array(script.utf8))
    let (status, output) = try #require(Shell.run("\(shell) \(folder.path)/script"))
    try #require(status == 0, "\(shell) failed with status \(status)")
    return output.split(separator: "\n").map { String($0) }
  }
}
