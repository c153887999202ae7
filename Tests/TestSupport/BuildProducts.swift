internal import Glibc

/// The executables that tests run as processes: those built beside the tests, or of another build.
package enum BuildProducts {
  /// `DUALTABLE_TEST_PRODUCTS`, else the folder of the tests' own executable.
  package static let folder: String = {
    if let named = unsafe getenv("DUALTABLE_TEST_PRODUCTS") { return unsafe String(cString: named) }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe readlink("/proc/self/exe", bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    let own = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    return own.split(separator: "/").dropLast().map { "/\($0)" }.joined()
  }()

  /// The path of an executable; nil where it isn't built.
  package static func executable(_ name: String) -> String? {
    let path = "\(folder)/\(name)"
    return unsafe access(path, X_OK) == 0 ? path : nil
  }
}
