internal import CLibcurl

/// The certificates that are trusted, read once for all connections.
///
/// By itself libcurl reads them for each connection anew, which takes 20 ms with the usual bundle of 140. Sound as Sendable: libcrypto
/// locks what lies behind the pointer.
final class CertificateStore: @unchecked Sendable {
  private let store: OpaquePointer?

  /// Reads the file `bundle`, or what libcurl would trust by itself; nil where that file holds no certificate that can be read.
  init?(bundle: String?) {
    unsafe store = X509_STORE_new()
    // libcurl sets the same: an intermediate certificate in the bundle is as good as a root.
    unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    if let bundle {
      let isRead = unsafe X509_STORE_load_locations(store, bundle, nil) == 1
      ERR_clear_error()
      if !isRead { return nil }
    } else {
      // Neither need be there: whoever signed the server's certificate is unknown then, and the error says so.
      unsafe X509_STORE_load_locations(store, clibcurl_default_ca_file(), nil)
      unsafe X509_STORE_load_locations(store, nil, clibcurl_default_ca_directory())
      ERR_clear_error()
    }
  }

  deinit { unsafe X509_STORE_free(store) }

  /// Makes the handle trust these certificates, for as long as the store lives; false where this libcurl does TLS by another library.
  func attach(to easy: UnsafeMutableRawPointer) -> Bool {
    unsafe clibcurl_has_openssl() != 0 && clibcurl_set_store(easy, store) == CURLE_OK
  }
}
