import Glibc
import Testing

/// Runs scripts in the shells that are here.
enum ShellRunner {
  static func has(_ shell: String) -> Bool { unsafe system("command -v \(shell) > /dev/null 2>&1") == 0 }

  /// The lines that `script` prints.
  static func run(_ shell: String, _ script: String) throws -> [String] {
    var path = Array("/tmp/dualtable-completion-XXXXXX".utf8CString)
    let descriptor = unsafe path.withUnsafeMutableBufferPointer { unsafe mkstemp($0.baseAddress!) }
    try #require(descriptor >= 0, "no file for the script")
    let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unsafe unlink(name) }
    let bytes = Array(script.utf8)
    let written = unsafe write(descriptor, bytes, bytes.count)
    close(descriptor)
    try #require(written == bytes.count, "the script wasn't written")
    let output = unsafe try #require(unsafe popen("\(shell) \(name)", "r"))
    var printed: [UInt8] = []
    while case let byte = unsafe fgetc(output), byte != EOF { printed.append(UInt8(truncatingIfNeeded: byte)) }
    let status = unsafe pclose(output)
    try #require(status == 0, "\(shell) failed with status \(status)")
    return String(decoding: printed, as: UTF8.self).split(separator: "\n").map { String($0) }
  }
}
