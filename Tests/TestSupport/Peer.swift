internal import CLibcurl
internal import Glibc

/// One accepted connection of a `TestServer`, driven by a script on a thread of its own.
package struct Peer: ~Copyable {
  private let descriptor: Int32
  /// TLS's side of it, nil in plain.
  private let tls: OpaquePointer?
  private var pending: [UInt8] = []
  private var isCut = false

  /// False where TLS didn't come about.
  let isReady: Bool

  /// Takes over `descriptor`; with a context it is the server of a handshake first.
  init(descriptor: Int32, context: OpaquePointer?) {
    self.descriptor = descriptor
    if let context = unsafe context {
      unsafe tls = SSL_new(context)
      unsafe SSL_set_fd(tls, descriptor)
      isReady = unsafe SSL_accept(tls) == 1
      ERR_clear_error()
    } else {
      unsafe tls = nil
      isReady = true
    }
  }

  deinit {
    if let tls = unsafe tls {
      if isReady && !isCut { unsafe SSL_shutdown(tls) }
      unsafe SSL_free(tls)
      ERR_clear_error()
    }
    close(descriptor)
  }

  /// Reads one request, head and body; nil where the client has closed.
  package mutating func request() -> [UInt8]? {
    while true {
      if let head = find("\r\n\r\n", before: pending.count) {
        var length = 0
        if let field = find("content-length: ", before: head.upperBound) ?? find("Content-Length: ", before: head.upperBound) {
          for digit in pending[field.upperBound...].prefix(while: { $0 >= 0x30 && $0 <= 0x39 }) { length = length * 10 + Int(digit) - 0x30 }
        }
        let end = head.upperBound + length
        while pending.count < end { guard fill() else { return nil } }
        let whole = Array(pending[..<end])
        pending.removeFirst(end)
        return whole
      }
      guard fill() else { return nil }
    }
  }

  /// Reads whatever comes next; nil where the client has closed.
  package mutating func receive() -> [UInt8]? {
    if pending.isEmpty && !fill() { return nil }
    defer { pending.removeAll() }
    return pending
  }

  /// Sends `bytes`, all at once.
  package func send(_ bytes: [UInt8]) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { rest in
        if let tls = unsafe tls { return unsafe Int(SSL_write(tls, rest.baseAddress, Int32(rest.count))) }
        return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      done += count
    }
  }

  package func send(_ text: String) { send(Array(text.utf8)) }

  /// Answers with `body` and a length.
  package func answer(_ body: String, status: Int = 200, fields: String = "") {
    send("HTTP/1.1 \(status) X\r\ncontent-length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
  }

  /// Makes closing a reset.
  package mutating func reset() {
    isCut = true
    var linger = linger(l_onoff: 1, l_linger: 0)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
  }

  /// Makes closing one that TLS doesn't announce.
  package mutating func cut() { isCut = true }

  /// False once there is something to read, which is the client's close where it has nothing to say.
  package var isQuiet: Bool {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&poller, 1, 0) == 0
  }

  /// Waits until the client closes, or for ten seconds.
  package mutating func waitForClose() {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while unsafe poll(&poller, 1, 10_000) > 0, fill() {}
  }

  /// Passes bytes on between the two until one of them closes.
  package mutating func relay(_ other: consuming Peer) {
    var pollers = [descriptor, other.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    while unsafe poll(&pollers, 2, 10_000) > 0 {
      if pollers[0].revents != 0 {
        guard let bytes = receive() else { return }
        other.send(bytes)
      }
      if pollers[1].revents != 0 {
        guard let bytes = other.receive() else { return }
        send(bytes)
      }
    }
  }

  private func find(_ text: StaticString, before end: Int) -> Range<Int>? {
    let length = text.utf8CodeUnitCount
    return pending.withUnsafeBytes { bytes in
      guard var place = bytes.baseAddress, end <= bytes.count else { return nil }
      let last = unsafe place + end - length
      while unsafe place <= last, let found = unsafe memchr(place, Int32(text.utf8Start[0]), last - place + 1) {
        if unsafe memcmp(found, text.utf8Start, length) == 0 {
          let start = unsafe bytes.baseAddress!.distance(to: UnsafeRawPointer(found))
          return start..<(start + length)
        }
        unsafe place = UnsafeRawPointer(found) + 1
      }
      return nil
    }
  }

  private mutating func fill() -> Bool {
    var isMore = false
    let chunk = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, used in
      let count =
        if let tls = unsafe tls {
          unsafe Int(SSL_read(tls, buffer.baseAddress, Int32(buffer.count)))
        } else {
          unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
        }
      used = max(0, count)
      isMore = count > 0
    }
    pending += chunk
    return isMore
  }
}
