import DualTableScan
import Glibc
import HTTPTransport

/// A directory that is gone with its value.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/dualtable-verify-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { unsafe mkdtemp($0.baseAddress!) != nil }
    precondition(made)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// The names in the directory `name`, in order.
  func names(_ name: String) -> [String] { Self.names("\(path)/\(name)") }

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

  func bytes(_ name: String) throws -> [UInt8] {
    let buffer = try File.contents(of: "\(path)/\(name)")
    return (0..<buffer.count).map { buffer[$0] }
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let file = try File("\(path)/\(name)", .replace)
    try file.append(bytes.span)
  }

  func mode(_ name: String) -> UInt32 {
    var status = stat()
    guard unsafe stat("\(path)/\(name)", &status) == 0 else { return 0 }
    return status.st_mode & 0o777
  }
}
