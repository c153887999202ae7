import Glibc

/// A device that takes no byte, as a disk that has no room left: like `/dev/full`, at a place of one's own, since nobody writes through links.
package enum FullDevice {
  /// Whether this process may make one: as root, where the folder of temporary files has devices.
  package static let isAvailable: Bool = {
    let directory = TemporaryDirectory()
    return withExtendedLifetime(directory) {
      let path = "\(directory.path)/full"
      guard (try? make(at: path)) != nil else { return false }
      let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
      if descriptor >= 0 { close(descriptor) }
      return descriptor >= 0
    }
  }()

  /// Makes one at `path`, where nothing may be: device 7 of the kernel's memory devices.
  package static func make(at path: String) throws {
    guard unsafe mknod(path, S_IFCHR | 0o600, 1 << 8 | 7) == 0 else { throw Errno(code: errno) }
  }

  /// Why it couldn't be made.
  package struct Errno: Error { package let code: Int32 }
}
