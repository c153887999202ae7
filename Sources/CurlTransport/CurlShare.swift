internal import CLibcurl

/// What all connections of a transport share inside libcurl, whichever threads they are on: resolved names and TLS sessions.
///
/// Every handle that is attached keeps it alive, as libcurl demands. Sound as Sendable: libcurl locks what lies behind the pointers.
final class CurlShare: @unchecked Sendable {
  /// libcurl is set up once a process, before its first handle.
  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private let share: UnsafeMutableRawPointer?
  // libcurl keeps its address.
  private let locks: UnsafeMutablePointer<clibcurl_locks>

  init() {
    precondition(Self.isReady, "libcurl can't be set up")
    locks = .allocate(capacity: 1)
    unsafe locks.initialize(to: clibcurl_locks())
    unsafe share = curl_share_init()
    unsafe clibcurl_share_set_up(share, locks)
  }

  deinit {
    unsafe curl_share_cleanup(share)
    locks.deallocate()
  }

  func attach(to easy: UnsafeMutableRawPointer) { unsafe clibcurl_set_share(easy, share) }
}
