internal import Glibc

extension Span<UInt8> {
  /// Where the first line feed at or behind `start` lies.
  package func lineFeed(from start: Int) -> Int? {
    guard start < count else { return nil }
    return extracting(start..<count).withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let found = unsafe memchr(base, 0x0A, bytes.count) else { return nil }
      return unsafe start + base.distance(to: UnsafeRawPointer(found))
    }
  }
}
