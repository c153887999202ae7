internal import CLibcurl
internal import Glibc
internal import HTTPTransport

/// One connection of libcurl's: resolved, connected, tunnelled and encrypted by it, then used as a plain stream of bytes.
///
/// The easy handle lives in a multi handle of its own from birth to death. In none, its connect would block the loop's thread; taken out
/// of one, its socket is gone; and in one shared by all, each connect would look for dead connections among those whose exchange is ours,
/// and close those with an answer waiting to be read.
struct CurlHandle: ~Copyable {
  enum Progress: Equatable {
    case pending
    case connected
    case failed(ExchangeFailure.Reason)
  }

  enum Sent: Equatable {
    case bytes(Int)
    case nothing
    case failed
  }

  enum Received: Equatable {
    case bytes(Int)
    case nothing
    case end
    case failed
  }

  private var easy: UnsafeMutableRawPointer?
  private var multi: UnsafeMutableRawPointer?
  // libcurl's callbacks write here, so it must not move.
  private var wishes: UnsafeMutablePointer<clibcurl_wishes>?
  /// The connected socket, -1 before.
  private(set) var socket: Int32 = -1
  /// True where the socket's bytes are the peer's own: neither TLS nor a proxy's protocol is between.
  private var isPlain = false
  // Both are to live as long as the handle that was given them.
  private var share: CurlShare?
  private var store: CertificateStore?

  /// Makes a handle that is closed.
  init() {}

  deinit {
    if let easy = unsafe easy, let multi = unsafe multi { unsafe curl_multi_remove_handle(multi, easy) }
    if let easy = unsafe easy { unsafe curl_easy_cleanup(easy) }
    if let multi = unsafe multi { unsafe curl_multi_cleanup(multi) }
    unsafe wishes?.deallocate()
  }

  /// Begins to connect, once; what is to be watched is in `takeChanges` afterwards. False where the origin or a setting can't be used.
  mutating func open(_ route: Route, store: CertificateStore?, timeout: Nanoseconds, share: CurlShare) -> Bool {
    guard route.origin.hasValidHost, let easy = unsafe curl_easy_init(), let multi = unsafe curl_multi_init() else { return false }
    unsafe (self.easy, self.multi, self.share, self.store) = (easy, multi, share, store)
    isPlain = !route.isEncrypted && route.proxy == nil
    let wishes = UnsafeMutablePointer<clibcurl_wishes>.allocate(capacity: 1)
    unsafe wishes.initialize(to: clibcurl_wishes())
    unsafe self.wishes = wishes
    unsafe clibcurl_watch(multi, easy, wishes)
    unsafe clibcurl_set_text(easy, CURLOPT_URL, "\(route.origin)/")
    unsafe clibcurl_set_protocols(easy)
    unsafe clibcurl_set_close_on_exec(easy)
    unsafe clibcurl_set_long(easy, CURLOPT_CONNECT_ONLY, 1)
    unsafe clibcurl_set_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    // Both are always set, or libcurl would look into the environment.
    unsafe clibcurl_set_text(easy, CURLOPT_PROXY, route.proxy ?? "")
    unsafe clibcurl_set_text(easy, CURLOPT_NOPROXY, "")
    unsafe clibcurl_set_long(easy, CURLOPT_HTTPPROXYTUNNEL, route.isForwarded ? 0 : 1)
    // Without it libcurl guards every send and receive against SIGPIPE: 3.7 µs instead of 1.9.
    unsafe clibcurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    unsafe clibcurl_set_long(easy, CURLOPT_TCP_NODELAY, 1)
    // libcurl tries a name's next address when half of the time is over, so it must know how much there is.
    unsafe clibcurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(timeout / 1_000_000)))
    // The most that one receive may bring; a page of a scan has a megabyte.
    unsafe clibcurl_set_long(easy, CURLOPT_BUFFERSIZE, 524_288)
    unsafe clibcurl_set_quick_exit(easy)
    unsafe clibcurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
    unsafe clibcurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
    // A proxy may be reached over TLS too, and sees credentials of its own.
    for version in [CURLOPT_SSLVERSION, CURLOPT_PROXY_SSLVERSION] { unsafe clibcurl_set_long(easy, version, CURL_SSLVERSION_TLSv1_2) }
    guard store?.attach(to: easy) != false else { return false }
    share.attach(to: easy)
    return unsafe curl_multi_add_handle(multi, easy) == CURLM_OK
  }

  // MARK: Connecting

  /// Goes on connecting: `socket` is ready, or libcurl's timer is due where it is nil.
  mutating func drive(_ socket: Int32?) -> Progress {
    guard let multi = unsafe multi, let easy = unsafe easy else { return .failed(.origin) }
    var running: Int32 = 0
    // No event is passed: libcurl then asks the socket itself.
    guard unsafe curl_multi_socket_action(multi, socket ?? -1, 0, &running) == CURLM_OK else { return .failed(.library(code: 0)) }
    let result = unsafe clibcurl_result(multi)
    guard result >= 0 else { return .pending }
    guard result == CURLE_OK.rawValue else { return unsafe .failed(reason(CURLcode(UInt32(result)), easy)) }
    var connected: curl_socket_t = -1
    guard unsafe clibcurl_get_socket(easy, &connected) == CURLE_OK, connected >= 0 else { return .failed(.library(code: 0)) }
    self.socket = connected
    return .connected
  }

  /// Hands over, once, what libcurl wants to be told about each of its sockets.
  mutating func takeChanges(_ change: (_ socket: Int32, _ reads: Bool, _ writes: Bool) -> Void) {
    guard let wishes = unsafe wishes else { return }
    let count = unsafe wishes.pointee.count
    for index in 0..<count {
      let what = unsafe clibcurl_change_what(wishes, index)
      let reads = what == CURL_POLL_IN || what == CURL_POLL_INOUT
      let writes = what == CURL_POLL_OUT || what == CURL_POLL_INOUT
      unsafe change(clibcurl_change_socket(wishes, index), reads, writes)
    }
    unsafe wishes.pointee.count = 0
  }

  /// Milliseconds until libcurl wants to be driven, once after each change; nil where nothing changed, negative for never.
  mutating func takeTimer() -> Int? {
    guard let wishes = unsafe wishes, unsafe wishes.pointee.timer_changed != 0 else { return nil }
    unsafe wishes.pointee.timer_changed = 0
    return unsafe wishes.pointee.timer
  }

  // MARK: Exchanging

  // libcurl looks its connection up among the multi handle's in each call, half of 97 slots on the average. Where it would do nothing but
  // pass the bytes on, the socket is asked directly: 5 % of a put's processor time.

  /// Sends as much of `bytes` as the socket takes.
  func send(_ bytes: Span<UInt8>) -> Sent {
    if isPlain {
      let count = bytes.withUnsafeBytes { unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count > 0 { return .bytes(count) }
      return count == 0 || Self.isBlocked ? .nothing : .failed
    }
    var sent = 0
    let result = bytes.withUnsafeBytes { unsafe curl_easy_send(easy, $0.baseAddress, $0.count, &sent) }
    if result == CURLE_OK && sent > 0 { return .bytes(sent) }
    return result == CURLE_OK || result == CURLE_AGAIN ? .nothing : .failed
  }

  /// Receives up to `room` bytes, appended to `buffer`.
  func receive(into buffer: inout ByteBuffer, room: Int) -> Received {
    if isPlain {
      var count = 0
      buffer.appendUninitialized(room) {
        unsafe count = recv(socket, $0.baseAddress, $0.count, 0)
        return max(count, 0)
      }
      if count >= 0 { return count > 0 ? .bytes(count) : .end }
      return Self.isBlocked ? .nothing : .failed
    }
    var result = CURLE_OK
    var count = 0
    buffer.appendUninitialized(room) {
      unsafe result = curl_easy_recv(easy, $0.baseAddress, $0.count, &count)
      return result == CURLE_OK ? count : 0
    }
    if result == CURLE_OK { return count > 0 ? .bytes(count) : .end }
    return result == CURLE_AGAIN ? .nothing : .failed
  }

  /// True where the call that just failed would have had to wait, or was interrupted.
  private static var isBlocked: Bool { errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR }

  /// True where the socket holds bytes, whatever they mean to TLS.
  var hasBytes: Bool {
    var byte: UInt8 = 0
    return unsafe recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
  }

  private func reason(_ code: CURLcode, _ easy: UnsafeMutableRawPointer) -> ExchangeFailure.Reason {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return .resolve
    case CURLE_COULDNT_RESOLVE_PROXY: return .proxyName
    case CURLE_COULDNT_CONNECT: return unsafe .unreachable(code: Self.number(CURLINFO_OS_ERRNO, easy))
    case CURLE_OPERATION_TIMEDOUT: return .connectTimeout
    case CURLE_PROXY, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING:
      switch unsafe Self.number(CURLINFO_HTTP_CONNECTCODE, easy) {
      case 0: return .closedEarly
      case 407: return .proxyCredentials
      case let status: return .proxy(status: status)
      }
    case CURLE_SSL_CONNECT_ERROR:
      if let wishes = unsafe wishes, unsafe clibcurl_has_no_common_version(wishes) != 0 { return .tls(.oldVersion) }
      return .tls(.handshake)
    case CURLE_SSL_CACERT_BADFILE: return .tls(.bundle)
    case CURLE_PEER_FAILED_VERIFICATION:
      // The numbers are X509_V_ERR_* of libcrypto's. The name is libcurl's own check, made before it looks at libcrypto's result: that is
      // then still at its first value, 1, or 0 in other versions.
      switch unsafe Self.number(CURLINFO_SSL_VERIFYRESULT, easy) {
      case 0, 1, 62: return .tls(.wrongName)
      case 9: return .tls(.notYetValid)
      case 10: return .tls(.expired)
      case 18, 19: return .tls(.selfSigned)
      case 2, 20, 21: return .tls(.unknownIssuer)
      case let other: return .tls(.other(code: other))
      }
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .origin
    default: return .library(code: Int(code.rawValue))
    }
  }

  private static func number(_ info: CURLINFO, _ easy: UnsafeMutableRawPointer) -> Int {
    var value = 0
    return unsafe clibcurl_get_long(easy, info, &value) == CURLE_OK ? value : 0
  }
}

extension HTTPOrigin {
  /// True where `host` is a name or an address and nothing that would change the meaning of a URL around it.
  fileprivate var hasValidHost: Bool {
    guard (1...65_535).contains(port), !host.isEmpty else { return false }
    return host.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
      default: false
      }
    }
  }
}
