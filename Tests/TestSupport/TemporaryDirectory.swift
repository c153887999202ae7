import Glibc

/// A directory that is gone with its value.
package final class TemporaryDirectory: Sendable {
  /// A file that can't be read or written.
  struct Failure: Error {
    let path: String
  }

  package let path: String

  package init() {
    var template = Array("/tmp/dualtable-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { unsafe mkdtemp($0.baseAddress!) != nil }
    precondition(made)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// The names in the directory `name`, in order; none where there is no such directory.
  package func names(_ name: String) -> [String] { Self.names("\(path)/\(name)") }

  /// The bytes of the file `name`.
  package func bytes(_ name: String) throws -> [UInt8] { try Self.bytes(at: "\(path)/\(name)") }

  /// The bytes of any file.
  package static func bytes(at path: String) throws -> [UInt8] {
    guard let file = unsafe fopen(path, "r") else { throw Failure(path: path) }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
    return bytes
  }

  /// The text of the file `name`.
  package func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  /// Makes the file `name` hold `bytes` and nothing else.
  package func write(_ name: String, _ bytes: [UInt8]) throws { try Self.write(bytes, at: "\(path)/\(name)") }

  /// Makes any file hold `bytes` and nothing else.
  package static func write(_ bytes: [UInt8], at path: String) throws {
    guard let file = unsafe fopen(path, "w") else { throw Failure(path: path) }
    let written = unsafe fwrite(bytes, 1, bytes.count, file)
    guard unsafe fclose(file) == 0 && written == bytes.count else { throw Failure(path: path) }
  }

  /// The permissions of the file `name`.
  package func mode(_ name: String) -> UInt32 {
    var status = stat()
    guard unsafe stat("\(path)/\(name)", &status) == 0 else { return 0 }
    return status.st_mode & 0o777
  }

  private static func names(_ path: String) -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func remove(_ path: String) {
    for name in names(path) { remove("\(path)/\(name)") }
    _ = Glibc.remove(path)
  }
}
