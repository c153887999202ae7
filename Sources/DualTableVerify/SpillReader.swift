internal import DualTableScan
internal import HTTPTransport

/// Reads a spill file's payloads one after the other, in bounded memory. Every call blocks.
final class SpillReader {
  private let file: File
  /// Bytes of the file.
  let length: Int
  private var window: ByteBuffer
  /// Where in the file the window's bytes begin, and where in the window the next frame does.
  private var windowStart = 0
  private var offset = 0

  private let step: Int

  /// - Parameter step: bytes read at once; a longer frame takes as many as it has.
  init(_ path: String, step: Int = 1 << 18) throws(StateError) {
    self.step = step
    let file = try File(path, .read)
    length = try file.length()
    self.file = file
    window = ByteBuffer(capacity: min(length, step) + Frame.headSize)
  }

  /// Hands the next frame's payload to `body`.
  ///
  /// - Returns: false at the file's end.
  /// - Throws: `.damaged` where no whole frame lies.
  func next(_ body: (Span<UInt8>) throws(StateError) -> Void) throws(StateError) -> Bool {
    guard windowStart + offset < length else { return false }
    try fill(Frame.headSize)
    if let extent = Frame.extent(window.span, at: offset) { try fill(extent.upperBound - offset) }
    offset = try read(window, body)
    return true
  }

  /// Hands the payload of the frame at `offset` to `body` and returns the offset behind it.
  private func read(_ window: borrowing ByteBuffer, _ body: (Span<UInt8>) throws(StateError) -> Void) throws(StateError) -> Int {
    guard let payload = Frame.payload(window.span, at: offset) else {
      throw StateError(.damaged, "\(file.path) was damaged after it was written: remove its directory and verify again.")
    }
    try body(window.span.extracting(payload))
    return payload.upperBound
  }

  /// Sees to it that `count` bytes from `offset` on are in the window, as far as the file has them.
  private func fill(_ count: Int) throws(StateError) {
    guard window.count - offset < count else { return }
    window.removeFirst(offset)
    windowStart += offset
    offset = 0
    let missing = max(count, step) - window.count
    try file.read(at: windowStart + window.count, min(missing, length - windowStart - window.count), into: &window)
  }

  /// How many bytes of the file at `path` are whole frames, by their heads alone.
  static func wholeLength(_ path: String) throws(StateError) -> Int {
    let file = try File(path, .read)
    let length = try file.length()
    var head = ByteBuffer(capacity: Frame.headSize)
    var offset = 0
    while offset < length {
      head.removeAll()
      try file.read(at: offset, min(Frame.headSize, length - offset), into: &head)
      guard let extent = Frame.extent(head.span, at: 0), offset + extent.upperBound <= length else { break }
      offset += extent.upperBound
    }
    return offset
  }
}
