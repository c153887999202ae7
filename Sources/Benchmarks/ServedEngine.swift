internal import Glibc

/// A DynamoDB of this machine on a port, held to one core.
struct ServedEngine: ~Copyable {
  enum Kind: String {
    case local, dynoxide
  }

  let port: Int
  /// From its start to its first answer, in milliseconds.
  let startMilliseconds: Double
  private let process: pid_t

  /// Where an engine's program is, nil if it isn't here.
  static func program(of kind: Kind) -> String? {
    let own = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let directory = getenv("DUALTABLE_ENGINES_DIR").map { String(cString: $0) } ?? "../shared"
    let path =
      switch kind {
      case .local: (own.isEmpty ? "." : own) + "/dualtable"
      case .dynoxide: directory + "/dynoxide/dynoxide"
      }
    return access(path, X_OK) == 0 ? path : nil
  }

  /// Starts an engine, in memory, on core 1 alone.
  init(_ kind: Kind) throws(Failure) {
    guard let program = Self.program(of: kind) else { throw Failure("\(kind.rawValue) isn't here; build the tool in release first") }
    let port = try Self.freePort()
    let own = kind == .local ? ["local", "--port", "\(port)"] : ["--port", "\(port)", "--log", "quiet"]
    let began = monotonicSeconds()
    process = try Self.start(["taskset", "-c", "1", program] + own)
    self.port = port
    var isThere = Self.accepts(port)
    while !isThere && monotonicSeconds() - began < 20 {
      usleep(500)
      isThere = Self.accepts(port)
    }
    startMilliseconds = isThere ? (monotonicSeconds() - began) * 1_000 : .nan
  }

  private static func start(_ words: [String]) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var copies = words.map { strdup($0) } + [nil]
    var started = pid_t()
    let status = posix_spawnp(&started, words[0], &actions, nil, &copies, environ)
    for copy in copies { free(copy) }
    posix_spawn_file_actions_destroy(&actions)
    guard status == 0 else { throw Failure("can't start \(words[0])") }
    return started
  }

  /// Megabytes that are resident.
  func megabytes() throws(Failure) -> Double {
    guard let file = fopen("/proc/\(process)/status", "r") else { throw Failure("an engine is gone") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).split { " \t\n".contains($0) }
      if words.count >= 2, words[0] == "VmRSS:", let kilobytes = Double(words[1]) { return kilobytes * 1_024 / 1e6 }
    }
    throw Failure("an engine's memory isn't told")
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
  }

  private static func loopback(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return address
  }

  private static func freePort() throws(Failure) -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw Failure("no port is free") }
    return Int(in_port_t(bigEndian: address.sin_port))
  }

  private static func accepts(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = loopback(port)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
    }
  }
}
