import Glibc
import Synchronization

/// One accepted connection of a `TestServer`, driven by a script on a thread of its own.
struct Peer: ~Copyable {
  let descriptor: Int32
  private var pending: [UInt8] = []

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Reads one request, head and body; nil where the client has closed.
  mutating func request() -> [UInt8]? {
    while true {
      if let end = headEnd() {
        let head = String(decoding: pending[..<end], as: UTF8.self).lowercased()
        var length = 0
        for line in head.split(separator: "\r\n") where line.hasPrefix("content-length:") {
          length = Int(line.dropFirst(15).drop { $0 == " " }) ?? 0
        }
        while pending.count < end + length { guard fill() else { return nil } }
        let whole = Array(pending[..<(end + length)])
        pending.removeFirst(end + length)
        return whole
      }
      guard fill() else { return nil }
    }
  }

  /// Sends `bytes`, all at once.
  func send(_ bytes: [UInt8]) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      done += count
    }
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  /// Answers with `body` and a length.
  func answer(_ body: String, status: Int = 200, fields: String = "") {
    send("HTTP/1.1 \(status) X\r\ncontent-length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
  }

  /// Makes closing a reset.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
  }

  /// False once the client has closed.
  var isOpen: Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) != 0
  }

  /// Waits until the client closes, or for ten seconds.
  mutating func waitForClose() {
    var poller = pollfd(descriptor: descriptor)
    while poll(&poller, 1, 10_000) > 0, fill() {}
  }

  private func headEnd() -> Int? {
    guard pending.count >= 4 else { return nil }
    for index in 3..<pending.count where pending[(index - 3)...index].elementsEqual([13, 10, 13, 10]) { return index + 1 }
    return nil
  }

  private mutating func fill() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    pending += buffer[..<count]
    return true
  }
}

extension pollfd {
  init(descriptor: Int32) { self.init(fd: descriptor, events: Int16(POLLIN), revents: 0) }
}

/// A server on loopback that does to each connection what its script says: a thread accepts, one thread a connection runs the script.
final class TestServer: Sendable {
  typealias Script = @Sendable (inout Peer, _ number: Int) -> Void

  private final class Counts: Sendable {
    let values = Mutex((accepted: 0, open: 0))
  }

  let port: Int
  private let listener: Int32
  private let counts = Counts()

  /// Connections accepted so far.
  var accepted: Int { counts.values.withLock { $0.accepted } }
  /// Connections whose script still runs.
  var open: Int { counts.values.withLock { $0.open } }

  init(_ script: @escaping Script) {
    (listener, port) = Self.listen()
    spawn { [listener, counts] in
      var number = 0
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        let this = number
        number += 1
        counts.values.withLock { $0 = ($0.accepted + 1, $0.open + 1) }
        spawn {
          Self.serve(descriptor, this, script)
          counts.values.withLock { $0.open -= 1 }
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// Returns when the connection is closed, so that nobody counts it as closed too soon.
  private static func serve(_ descriptor: Int32, _ number: Int, _ script: Script) {
    var peer = Peer(descriptor: descriptor)
    script(&peer, number)
  }

  /// Opens a listening socket at a free port of the loopback address.
  static func listen(backlog: Int32 = 512) -> (descriptor: Int32, port: Int) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(listener, $0, length) == 0 && Glibc.listen(listener, backlog) == 0 && getsockname(listener, $0, &length) == 0)
      }
    }
    return (listener, Int(UInt16(bigEndian: address.sin_port)))
  }
}

extension TestServer {
  /// Begins to connect to `port` and doesn't wait for it.
  static func knock(_ port: Int) -> Int32 {
    let knocker = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    withUnsafePointer(to: &address) {
      _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(knocker, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    return knocker
  }
}

/// Runs `body` on a new thread that nobody waits for.
func spawn(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let error = pthread_create(
    &thread, nil,
    { argument in
      Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
      return nil
    }, Unmanaged.passRetained(Box(body)).toOpaque())
  precondition(error == 0)
  pthread_detach(thread)
}
