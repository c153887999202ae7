internal import Glibc

/// Command lines for the system's shell.
package enum Shell {
  /// Runs a command line to its end; nil where it doesn't start.
  ///
  /// - Returns: its exit status as `pclose` gives it, and what it printed on standard output.
  package static func run(_ line: String) -> (status: Int32, output: String)? {
    guard let pipe = unsafe popen(line, "r") else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&chunk, 1, chunk.count, pipe), count > 0 { bytes += chunk.prefix(count) }
    return unsafe (pclose(pipe), String(decoding: bytes, as: UTF8.self))
  }

  /// The text as one word of a command line.
  package static func quote(_ text: String) -> String {
    "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
  }
}
