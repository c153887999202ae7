internal import Glibc

/// Files of credentials: read whole, to a limit, and replaced so that nobody sees half of one.
enum SmallFile {
  /// Bytes that any of these files may have; a token has a few thousand.
  static let longest = 1 << 20

  /// The bytes of the file at `path`, nil if there is no such file, or none that this user could know of.
  ///
  /// - Throws: `CredentialError` of code `malformed` where it can't be read, isn't a file or has over 1 MB.
  static func read(_ path: String) throws(CredentialError) -> [UInt8]? {
    // Without waiting: a pipe of that name has nobody at its other end.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    var status = stat()
    guard descriptor >= 0 else {
      let failure = failure("can't be read", path, "check who owns it")
      // A home that belongs to another user, as in many containers, has no files for this one.
      if stat(path, &status) != 0 && [ENOENT, ENOTDIR, EACCES].contains(errno) { return nil }
      throw failure
    }
    defer { _ = close(descriptor) }
    // A device too: /dev/null puts a file aside.
    guard fstat(descriptor, &status) == 0, [S_IFREG, S_IFCHR].contains(status.st_mode & S_IFMT) else {
      throw CredentialError(.malformed, "\(path) isn't a file; check the path.")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure("can't be read", path, "check the disk") }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      if bytes.count > longest { throw CredentialError(.malformed, "\(path) has over 1 MB; check that it is the right file.") }
    }
  }

  /// Puts `bytes` at `path`, for its owner alone, in one step.
  static func replace(_ path: String, with bytes: [UInt8]) throws(CredentialError) {
    // A name that nobody can have planted: the file is made, never opened.
    var name = Array("\(path).XXXXXX".utf8CString)
    let descriptor = unsafe mkstemp(&name)
    guard descriptor >= 0 else { throw failure("can't be written", path, "check who owns its directory") }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let temporary = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      done += count
    }
    let isWritten = done == bytes.count && fsync(descriptor) == 0
    _ = close(descriptor)
    guard isWritten, rename(temporary, path) == 0 else {
      let error = failure("can't be written", path, "check the disk")
      unlink(temporary)
      throw error
    }
  }

  private static func failure(_ what: String, _ path: String, _ remedy: String) -> CredentialError {
    CredentialError(.malformed, "\(path) \(what) (\(String(cString: strerror(errno)))); \(remedy).")
  }
}
