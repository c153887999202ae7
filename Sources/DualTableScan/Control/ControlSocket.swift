internal import Glibc
internal import HTTPTransport

/// The Unix socket by which a run is asked and steered while it works: a line in, a line out, for the run's owner alone.
package final class ControlSocket: Sendable {
  /// The socket's name in its state directory.
  package static let name = "control.sock"
  /// Bytes that a request may have; answers are ours.
  private static let longestRequest = 4_096

  private let wake: Int32
  private let path: String

  /// Listens in the state directory at `directory`, on a thread of its own, as long as the value lives.
  ///
  /// The caller holds the directory's lock: a socket that is there is left over from a process that died.
  /// - Parameter answer: says what a request's line is answered by; called on the socket's thread, one request at a time.
  package init(in directory: String, _ answer: @escaping @Sendable (String) -> String) throws(StateError) {
    path = "\(directory)/\(Self.name)"
    try File.remove(path)
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0 else { throw File.failure("Opening", path) }
    // Before it has a name: the file that binding makes takes this over, so that nobody else can connect at any time.
    let isClosed = fchmod(listener, 0o600) == 0
    let bound = Self.withAddress(in: directory) { address, length in unsafe bind(listener, address, length) }
    var ends: [Int32] = [-1, -1]
    guard isClosed, bound == 0, listen(listener, 8) == 0, unsafe pipe(&ends) == 0 else {
      let failure = File.failure("Opening", path)
      _ = close(listener)
      throw failure
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    wake = ends[1]
    Self.start(Server(listener: listener, wake: ends[0], answer: answer))
  }

  deinit {
    // The other end of it is what the thread waits on.
    _ = close(wake)
    _ = unlink(path)
  }

  /// Sends a line to the run whose state directory is at `directory`, and returns its answer; nil where none runs there.
  package static func send(_ line: String, to directory: String) throws(StateError) -> String? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw File.failure("Opening", "\(directory)/\(name)") }
    defer { _ = close(descriptor) }
    setTimeouts(descriptor, seconds: 10)
    guard withAddress(in: directory, { address, length in unsafe connect(descriptor, address, length) }) == 0 else {
      // No socket, or one that nobody listens at any more.
      if errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR { return nil }
      throw File.failure("Asking", "\(directory)/\(name)")
    }
    guard transmit(line + "\n", to: descriptor), let answer = receive(from: descriptor, atMost: 1 << 20) else {
      throw File.failure("Asking", "\(directory)/\(name)")
    }
    return answer
  }

  private struct Server: Sendable {
    let listener: Int32
    let wake: Int32
    let answer: @Sendable (String) -> String

    func run() {
      defer {
        _ = close(listener)
        _ = close(wake)
      }
      while true {
        var waiting = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0), pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        guard unsafe poll(&waiting, 2, -1) >= 0 || errno == EINTR else { return }
        if waiting[1].revents != 0 { return }
        guard waiting[0].revents != 0 else { continue }
        let peer = accept(listener, nil, nil)
        guard peer >= 0 else {
          // Where the process is at its limit of files, whoever connects stays in the queue, and asking at once again would take a core.
          guard unsafe poll(&waiting[1], 1, 100) <= 0 else { return }
          continue
        }
        _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
        // Whoever connects and says nothing holds nobody up for long.
        setTimeouts(peer, seconds: 2)
        if let line = receive(from: peer, atMost: longestRequest) { _ = transmit(answer(line) + "\n", to: peer) }
        _ = close(peer)
      }
    }
  }

  private static func start(_ server: Server) {
    final class Box: Sendable {
      let server: Server
      init(_ server: Server) { self.server = server }
    }
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(Box(server)).toOpaque()
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        unsafe Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().server.run()
        return nil
      }, argument)
    precondition(code == 0, "no thread could be started: the process is at its limit of threads")
    pthread_detach(thread)
  }

  /// Lends the socket's address. A path has room for 107 bytes there, a state directory's may be longer: so it goes by the directory's
  /// descriptor.
  private static func withAddress(in directory: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return -1 }
    defer {
      let code = errno
      _ = close(descriptor)
      errno = code
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array("/proc/self/fd/\(descriptor)/\(name)".utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
      for (index, byte) in path.enumerated() where index < room.count - 1 { unsafe room[index] = byte }
    }
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }

  private static func setTimeouts(_ descriptor: Int32, seconds: Int) {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      unsafe setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  /// A line without its end; nil where none came.
  private static func receive(from descriptor: Int32, atMost most: Int) -> String? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while bytes.count < most {
      let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return nil }
      bytes += chunk.prefix(count)
      if let end = bytes.firstIndex(of: 0x0A) { return String(decoding: bytes[..<end], as: UTF8.self) }
    }
    return nil
  }

  private static func transmit(_ text: String, to descriptor: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
