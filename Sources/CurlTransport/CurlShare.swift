internal import CLibcurl

/// What the connections of one loop share inside libcurl: resolved names and TLS sessions. Used on that loop's thread only, so unlocked.
struct CurlShare: ~Copyable {
  /// libcurl is set up once a process, before its first handle.
  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private let share: UnsafeMutableRawPointer?

  init() {
    precondition(Self.isReady, "libcurl can't be set up")
    unsafe share = curl_share_init()
    unsafe clibcurl_share_lock_data(share, CURL_LOCK_DATA_DNS)
    unsafe clibcurl_share_lock_data(share, CURL_LOCK_DATA_SSL_SESSION)
  }

  deinit { unsafe curl_share_cleanup(share) }

  func attach(to easy: UnsafeMutableRawPointer) { unsafe clibcurl_set_share(easy, share) }
}
