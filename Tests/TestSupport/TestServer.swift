internal import CLibcurl
internal import Glibc
package import HTTPTransport
internal import Synchronization

/// A server on loopback that does to each connection what its script says: a thread accepts, one thread a connection runs the script.
package final class TestServer: Sendable {
  package typealias Script = @Sendable (inout Peer, _ number: Int) -> Void

  private final class Counts: Sendable {
    let values = Mutex((accepted: 0, open: 0))
  }

  /// Sound as Sendable: libssl locks what lies behind the pointer.
  private final class Context: @unchecked Sendable {
    let pointer: OpaquePointer?

    init(_ certificate: TestCertificate) {
      unsafe pointer = SSL_CTX_new(TLS_server_method())
      let isReady =
        unsafe SSL_CTX_use_certificate_file(pointer, certificate.file, SSL_FILETYPE_PEM) == 1
        && SSL_CTX_use_PrivateKey_file(pointer, certificate.key, SSL_FILETYPE_PEM) == 1
      precondition(isReady)
    }

    deinit { unsafe SSL_CTX_free(pointer) }
  }

  package let port: Int
  private let host: String
  private let isSecure: Bool
  private let listener: Int32
  private let counts = Counts()

  /// Connections accepted so far.
  package var accepted: Int { counts.values.withLock { $0.accepted } }
  /// Connections whose script still runs.
  package var open: Int { counts.values.withLock { $0.open } }
  /// Where it is; over TLS by its certificate's name.
  package var origin: HTTPOrigin { HTTPOrigin(isSecure: isSecure, host: isSecure ? "localhost" : host, port: port) }

  /// Listens at a free port of `host`, an address of loopback; speaks TLS where there is a certificate.
  package init(host: String = "127.0.0.1", certificate: TestCertificate? = nil, _ script: @escaping Script) {
    self.host = host
    isSecure = certificate != nil
    (listener, port) = Self.listen(host)
    let context = certificate.map(Context.init)
    spawn { [listener, counts] in
      // Closed here: were it closed by whoever drops the server, its number could belong to another server's socket by now, and this
      // thread would take that one's connections.
      defer { close(listener) }
      var number = 0
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else {
          if errno == EINTR || errno == ECONNABORTED { continue }
          return
        }
        // Not for children that other tests start: a socket that one of them has as well stays open when it is closed here.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let this = number
        number += 1
        counts.values.withLock { $0 = ($0.accepted + 1, $0.open + 1) }
        spawn {
          Self.serve(descriptor, context, this, script)
          counts.values.withLock { $0.open -= 1 }
        }
      }
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Returns when the connection is closed, so that nobody counts it as closed too soon.
  private static func serve(_ descriptor: Int32, _ context: Context?, _ number: Int, _ script: Script) {
    var peer = unsafe Peer(descriptor: descriptor, context: context?.pointer)
    if peer.isReady { script(&peer, number) }
  }

  /// Opens a socket at a free port of `host` that listens; without a `backlog` it only keeps others from the port, and connects are refused.
  package static func listen(_ host: String = "127.0.0.1", backlog: Int32? = 512) -> (descriptor: Int32, port: Int) {
    let family = host.contains(":") ? AF_INET6 : AF_INET
    let listener = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var port = 0
    withAddress(host, 0) { address, length in
      var length = length
      let isListening =
        unsafe bind(listener, address, length) == 0 && backlog.map { Glibc.listen(listener, $0) == 0 } != false
        && getsockname(listener, address, &length) == 0
      precondition(isListening, "nothing can listen at \(host)")
      // The port lies at the same place in both kinds of address.
      port = unsafe Int(UInt16(bigEndian: UnsafeRawPointer(address).load(fromByteOffset: 2, as: UInt16.self)))
    }
    return (listener, port)
  }

  /// Begins to connect to `port` and doesn't wait for it.
  package static func knock(_ port: Int) -> Int32 {
    let knocker = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    withAddress("127.0.0.1", port) { _ = unsafe connect(knocker, $0, $1) }
    return knocker
  }

  /// Connects to `port`, for scripts that are clients as well; nil where nothing listens.
  package static func connection(to port: Int, at host: String = "127.0.0.1") -> Peer? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var isConnected = false
    withAddress(host, port) { isConnected = unsafe connect(descriptor, $0, $1) == 0 }
    guard isConnected else {
      close(descriptor)
      return nil
    }
    return unsafe Peer(descriptor: descriptor, context: nil)
  }

  private static func withAddress(_ host: String, _ port: Int, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Void) {
    var six = sockaddr_in6()
    var four = sockaddr_in()
    if host.contains(":") {
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = UInt16(port).bigEndian
      unsafe inet_pton(AF_INET6, host, &six.sin6_addr)
      unsafe withUnsafeMutableBytes(of: &six) { bytes in
        unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
      }
    } else {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = UInt16(port).bigEndian
      unsafe inet_pton(AF_INET, host, &four.sin_addr)
      unsafe withUnsafeMutableBytes(of: &four) { bytes in
        unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
      }
    }
  }
}

extension TestServer {
  /// Answers every request with its own body.
  package static let echo: Script = { peer, _ in
    while let request = peer.request() { peer.answer(bodyText(of: request)) }
  }
}

/// The body of a request.
package func bodyText(of request: [UInt8]) -> String {
  let text = String(decoding: request, as: UTF8.self)
  return text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
}

/// Runs `body` on a new thread that nobody waits for.
package func spawn(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let error = unsafe pthread_create(
    &thread, nil,
    { argument in
      // libssl writes to sockets without saying that it wants no signal.
      var set = sigset_t()
      unsafe sigemptyset(&set)
      unsafe sigaddset(&set, SIGPIPE)
      unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
      unsafe Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
      return nil
    }, Unmanaged.passRetained(Box(body)).toOpaque())
  precondition(error == 0)
  pthread_detach(thread)
}
