import Glibc
import Testing

/// A Python interpreter that tests compare with.
struct Python {
  let path: String

  /// `DUALTABLE_TEST_PYTHON`, else the `python3` of the path, if it can import botocore; nil otherwise.
  static let withBotocore: Python? = {
    let named = unsafe getenv("DUALTABLE_TEST_PYTHON").map { unsafe String(cString: $0) }
    let python = Python(path: named ?? "python3")
    return unsafe system("\(quote(python.path)) -c 'import botocore.auth' > /dev/null 2>&1") == 0 ? python : nil
  }()

  /// The lines that `script` prints for `input`.
  func run(script: String, input: String) throws -> [String] {
    var folder = Array("/tmp/dualtable-python-XXXXXX".utf8CString)
    let made = unsafe folder.withUnsafeMutableBufferPointer { unsafe mkdtemp($0.baseAddress!) != nil }
    try #require(made, "no folder for the script")
    let path = String(decoding: folder.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unsafe system("rm -r \(Self.quote(path))") }
    try Self.write(script, to: "\(path)/script.py")
    try Self.write(input, to: "\(path)/input")
    let pipe = unsafe popen("\(Self.quote(self.path)) \(path)/script.py < \(path)/input", "r")
    let output = unsafe try #require(pipe)
    var bytes: [UInt8] = []
    while true {
      let byte = unsafe fgetc(output)
      if byte == EOF { break }
      bytes.append(UInt8(truncatingIfNeeded: byte))
    }
    let status = unsafe pclose(output)
    try #require(status == 0, "the script failed with status \(status)")
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { String($0) }
  }

  private static func write(_ text: String, to path: String) throws {
    let file = unsafe try #require(unsafe fopen(path, "w"))
    let bytes = Array(text.utf8)
    let written = unsafe fwrite(bytes, 1, bytes.count, file)
    unsafe fclose(file)
    try #require(written == bytes.count, "\(path) wasn't written")
  }

  private static func quote(_ text: String) -> String {
    "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
  }
}
