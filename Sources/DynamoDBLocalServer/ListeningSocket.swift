internal import Glibc

/// A socket that listens, before there is a server on it.
struct ListeningSocket: ~Copyable {
  private let descriptor: Int32
  /// The one that was asked for, or the one that the system chose.
  let port: Int

  /// Listens at an address.
  ///
  /// - Parameters:
  ///   - host: a name or an address; of several addresses the first.
  ///   - port: 0: any that is free.
  ///   - settings: how the tool names both, for the remedy.
  init(host: String, port: Int, settings: (host: String, port: String) = ("--host", "--port")) throws(LocalServerError) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, "\(port)", &hints, &found)
    guard status == 0, let address = unsafe found?.pointee else {
      throw LocalServerError(description: "The host \(host) has no address (\(String(cString: gai_strerror(status)))); check its name.")
    }
    defer { freeaddrinfo(found) }
    let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var isOn: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
    guard descriptor >= 0, unsafe bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 1_024) == 0 else {
      let cause = errno
      close(descriptor)
      throw Self.failure(host, port, cause, settings)
    }
    self.descriptor = descriptor
    self.port = Self.port(of: descriptor)
  }

  /// Gives the socket to whoever closes it.
  consuming func release() -> Int32 {
    let descriptor = descriptor
    discard self
    return descriptor
  }

  deinit { close(descriptor) }

  private static func port(of descriptor: Int32) -> Int {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &address) { bytes in
      guard let base = bytes.baseAddress, unsafe getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length) == 0
      else { return 0 }
      // The port lies behind the family in addresses of either kind, high byte first.
      return unsafe Int(bytes[2]) << 8 | Int(bytes[3])
    }
  }

  private static func failure(_ host: String, _ port: Int, _ cause: Int32, _ settings: (host: String, port: String)) -> LocalServerError {
    let remedy =
      switch cause {
      case EADDRINUSE: "another process listens there; end it, or choose another port with \(settings.port) (0: any that is free)"
      case EACCES: "ports below 1024 are for root; choose another one with \(settings.port)"
      case EADDRNOTAVAIL: "this machine doesn't have that address; choose another one with \(settings.host)"
      default: String(cString: strerror(cause))
      }
    return LocalServerError(description: "Port \(port) of \(host) can't be listened at: \(remedy).")
  }
}
