internal import Glibc

/// A directory that is gone when the value is.
struct TemporaryDirectory: ~Copyable {
  let path: String

  init() throws(Failure) {
    var template = Array("/tmp/dualtable-benchmark-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure("can't make a directory in /tmp") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// A state directory is flat.
  deinit {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }
      unlinkat(dirfd(directory), name, 0)
    }
    closedir(directory)
    rmdir(path)
  }
}
