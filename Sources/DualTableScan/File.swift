internal import Glibc
package import HTTPTransport

/// One open file: whole writes, and errors that name the path and the cause. Every call blocks.
package struct File: ~Copyable, Sendable {
  /// What `open` does with a file that is or isn't there.
  package enum Mode: Sendable {
    /// Reads a file that must be there.
    case read
    /// Writes behind what is there; creates the file, for its owner alone, if need be.
    case append
    /// Writes a file that is empty or new.
    case replace
  }

  // What is written may lie in a directory that others can write to, and holds keys of items: it goes to files of this process's user and
  // to no other. Whatever somebody has put in a file's place is opened without following it, looked at once it is open, when nobody can put
  // anything else there, and only then cut or written to.

  package let path: String
  let descriptor: Int32

  package init(_ path: String, _ mode: Mode) throws(StateError) {
    self.path = path
    descriptor = try Self.open(path, mode)
  }

  private static func open(_ path: String, _ mode: Mode) throws(StateError) -> Int32 {
    let flags = mode == .read ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW
    let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("Opening", path) }
    if mode == .read { return descriptor }
    do throws(StateError) {
      try takeOver(descriptor, path, isEmptied: mode == .replace)
    } catch {
      _ = Glibc.close(descriptor)
      throw error
    }
    return descriptor
  }

  /// Sees to it that what was opened for writing is this user's alone, and empty if it shall be.
  private static func takeOver(_ descriptor: Int32, _ path: String, isEmptied: Bool) throws(StateError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("Looking at", path) }
    // A device isn't anybody's.
    if status.st_mode & S_IFMT == S_IFCHR { return }
    guard status.st_uid == geteuid() else {
      throw StateError(.file, "\(path) belongs to another user, who could read what is written there: remove it, or name another file.")
    }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
      throw StateError(.file, "\(path) is no plain file, or has another name elsewhere: remove it, or name another file.")
    }
    guard status.st_mode & 0o077 == 0 || fchmod(descriptor, 0o600) == 0 else { throw failure("Closing to others", path) }
    guard !isEmptied || ftruncate(descriptor, 0) == 0 else { throw failure("Cutting", path) }
  }

  deinit {
    // By itself the lock would last as long as a child that was being started has its copy of the descriptor.
    flock(descriptor, LOCK_UN)
    _ = Glibc.close(descriptor)
  }

  /// Bytes in the file.
  package func length() throws(StateError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure("Looking at", path) }
    return Int(status.st_size)
  }

  /// Bytes in the file at `path`, which is not opened: a pipe would wait, and a link may lead nowhere. None where it is no plain file, or gone.
  static func length(of path: String) throws(StateError) -> Int {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return 0 }
      throw failure("Looking at", path)
    }
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
  }

  /// Throws where what was opened has no length of its own: a pipe, or a device that never ends.
  package func requireLength() throws(StateError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure("Looking at", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw StateError(.file, "\(path) is no plain file: write what it would hold to one, and name that.")
    }
  }

  /// Writes all of `bytes` behind the file's end.
  package func append(_ bytes: Span<UInt8>) throws(StateError) {
    var done = 0
    while done < bytes.count {
      let rest = bytes.extracting(done..<bytes.count)
      let written = unsafe rest.withUnsafeBufferPointer { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw Self.failure("Writing", path) }
      done += written
    }
  }

  /// Reads up to `count` bytes from `offset` on behind those in `buffer`.
  ///
  /// - Returns: how many; fewer than `count` only at the file's end.
  @discardableResult
  package func read(at offset: Int, _ count: Int, into buffer: inout ByteBuffer) throws(StateError) -> Int {
    var done = 0
    while done < count {
      var failed = false
      let before = buffer.count
      unsafe buffer.appendUninitialized(count - done) { room in
        let got = unsafe pread(descriptor, room.baseAddress, room.count, off_t(offset + done))
        failed = got < 0
        return max(got, 0)
      }
      if failed && errno == EINTR { continue }
      if failed { throw Self.failure("Reading", path) }
      if buffer.count == before { break }
      done += buffer.count - before
    }
    return done
  }

  /// Cuts the file to its first `length` bytes.
  package func truncate(to length: Int) throws(StateError) {
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw Self.failure("Cutting", path) }
  }

  /// Takes the file's lock, which ends with this value or its process; false if another process, or another opening, has it.
  func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

  /// Returns once everything written is on the disk.
  package func sync() throws(StateError) {
    guard fdatasync(descriptor) == 0 else { throw Self.failure("Syncing", path) }
  }

  /// True if `path` names something.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Bytes of a file that is read whole, at most: what stands for a run's state is far shorter, whatever the table.
  static let longestWhole = 256 << 20

  /// Everything in the file at `path`.
  package static func contents(of path: String) throws(StateError) -> ByteBuffer {
    let file = try File(path, .read)
    let length = try file.length()
    guard length <= longestWhole else {
      throw StateError(
        .damaged, "\(path) has \(length) bytes, more than a file of a run's state ever has: begin again in another directory.")
    }
    var bytes = ByteBuffer(capacity: length)
    try file.read(at: 0, length, into: &bytes)
    return bytes
  }

  /// Puts `bytes` at `path` so that, whenever the process or the machine dies, the old contents or the new ones are there.
  package static func replace(_ path: String, with bytes: Span<UInt8>) throws(StateError) {
    try replace(path) { (file) throws(StateError) in try file.append(bytes) }
  }

  /// The same for what `write` appends to the file, piece by piece.
  package static func replace(_ path: String, _ write: (borrowing File) throws(StateError) -> Void) throws(StateError) {
    // A rename would take the name from whatever has it: as root from /dev/null, for every process of the machine.
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw StateError(.file, "\(path) is no plain file, but a device, a pipe, a directory or a symbolic link: name another file.")
    }
    let temporary = path + ".new"
    do {
      let file = try File(temporary, .replace)
      try write(file)
      try file.sync()
    }
    guard rename(temporary, path) == 0 else { throw failure("Renaming", temporary) }
    try syncDirectory(of: path)
  }

  /// Makes a directory's list of names durable: a rename or a new file is not before that.
  package static func syncDirectory(of path: String) throws(StateError) {
    let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("Opening", directory) }
    defer { _ = Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("Syncing", directory) }
  }

  /// Removes the file at `path`; that there is none is no error.
  package static func remove(_ path: String) throws(StateError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure("Removing", path) }
  }

  /// Makes the directory at `path` and those above it, for their owner alone.
  ///
  /// - Throws: `StateError` where it is there but somebody else could put files of theirs into it.
  package static func makeDirectory(_ path: String) throws(StateError) {
    var prefix = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      prefix += prefix.isEmpty || prefix == "/" ? part : "/\(part)"
      if mkdir(prefix, 0o700) == 0 { try syncDirectory(of: prefix) } else if errno != EEXIST { throw failure("Making", prefix) }
    }
    // A name that ends with a slash would be followed.
    var plain = path[...]
    while plain.count > 1 && plain.hasSuffix("/") { plain.removeLast() }
    let descriptor = Glibc.open(String(plain), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("Opening", path) }
    defer { _ = Glibc.close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("Looking at", path) }
    guard status.st_uid == geteuid() else {
      throw StateError(.file, "The directory \(path) belongs to another user: name another one, or run as that user.")
    }
    guard status.st_mode & 0o022 == 0 else {
      throw StateError(
        .file, "Other users can write to the directory \(path): name a new one below it, or take that away with 'chmod go-w'.")
    }
  }

  /// Bytes that this process may still write to the disk that `path` lies on.
  package static func freeBytes(at path: String) throws(StateError) -> Int {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { throw failure("Looking at", path) }
    return bytes(blocks: UInt64(status.f_bavail), of: UInt64(status.f_frsize))
  }

  /// Bytes of so many blocks; file systems without an end say of themselves whatever is large.
  static func bytes(blocks: UInt64, of size: UInt64) -> Int {
    let (bytes, isTooMuch) = blocks.multipliedReportingOverflow(by: size)
    return isTooMuch ? 1 << 53 : Int(min(bytes, 1 << 53))
  }

  /// The names of what is in the directory at `path` and isn't a directory, in order.
  package static func names(in path: String) throws(StateError) -> [String] { try entries(of: path) { $0 != Int32(DT_DIR) } }

  /// The names of the directories in the directory at `path`, in order.
  package static func directories(in path: String) throws(StateError) -> [String] { try entries(of: path) { $0 == Int32(DT_DIR) } }

  private static func entries(of path: String, _ isWanted: (Int32) -> Bool) throws(StateError) -> [String] {
    guard let directory = unsafe opendir(path) else { throw failure("Opening", path) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      guard unsafe isWanted(Int32(entry.pointee.d_type)) else { continue }
      names.append(
        unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  static func failure(_ verb: String, _ path: String) -> StateError {
    let code = errno
    let cause = String(cString: strerror(code))
    let remedy =
      switch code {
      case ENOSPC, EDQUOT: "free some space and run the same command again, nothing done so far is lost"
      case EACCES, EPERM, EROFS: "check who owns it or choose another directory"
      case EMFILE, ENFILE: "raise the limit of open files, as with 'ulimit -n 1024'"
      case EISDIR: "name a file"
      case ESPIPE: "it is a pipe, and this is read in more than one go; name a file"
      // An open that doesn't follow links says of one to a directory that it is none.
      case ELOOP, ENOTDIR: "a symbolic link, or something else, is in its place, and anybody may have put it there; name what it leads to"
      default: "choose another directory if this goes on"
      }
    return StateError(.file, "\(verb) \(path) failed (\(cause)): \(remedy).")
  }
}
