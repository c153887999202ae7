/// One request in wire form, built back to front: the body first, then the head right-aligned before it, then one send.
///
/// SigV4 needs the body's digest in the head, and the head needs the body's length: writing the body first means that neither is
/// copied. A head longer than the headroom (a very long session token) moves the body once.
@usableFromInline
package struct HTTPRequestBuffer: ~Copyable, Sendable {
  /// Bytes kept free before the body for the head.
  package static let headroom = 2_048

  @usableFromInline internal var bytes: ByteBuffer
  @usableFromInline internal var bodyStart: Int
  @usableFromInline internal var start: Int

  /// Makes an empty request with room for a body of `bodyCapacity` bytes.
  package init(bodyCapacity: Int = 2_048) {
    bytes = ByteBuffer(capacity: Self.headroom + bodyCapacity)
    bodyStart = Self.headroom
    start = Self.headroom
    unsafe bytes.appendUninitialized(Self.headroom) {
      unsafe $0.initializeMemory(as: UInt8.self, repeating: 0); return Self.headroom
    }
  }

  /// Bytes of memory held.
  package var capacity: Int { bytes.capacity }

  /// Forgets head and body, keeps the memory.
  @inlinable package mutating func reset() {
    bytes.truncate(to: bodyStart)
    start = bodyStart
  }

  /// Appends to the body through the buffer that holds it; `write` may only append, and may cut back what it appended.
  @inlinable package mutating func writeBody<Result, Failure>(
    _ write: (inout ByteBuffer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result = try write(&bytes)
    precondition(bytes.count >= bodyStart)
    return result
  }

  /// Puts `head` (request line, fields, the empty line) right before the body.
  package mutating func prepend(head: Span<UInt8>) {
    precondition(start == bodyStart, "a request has one head")
    if head.count > bodyStart { moveBody(to: head.count) }
    start = bodyStart - head.count
    bytes.overwrite(at: start, with: head)
  }

  /// Puts `text` in the place of the message's first `count` bytes, which are part of its head.
  package mutating func replaceStart(_ count: Int, with text: Span<UInt8>) {
    precondition(count >= 0 && start + count <= bodyStart)
    let rest = start + count
    if text.count > rest {
      // The whole message moves, so that there is room before it again.
      let shift = text.count - rest
      var moved = ByteBuffer(capacity: bytes.count + shift)
      moved.append(text)
      moved.append(bytes.span.extracting(rest..<bytes.count))
      bytes = moved
      bodyStart += shift
      start = 0
    } else {
      start = rest - text.count
      bytes.overwrite(at: start, with: text)
    }
  }

  /// The body written so far.
  @inlinable package var body: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span.extracting(bodyStart..<bytes.count) }
  }

  /// Head and body, as they go to the wire.
  @inlinable package var message: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span.extracting(start..<bytes.count) }
  }

  private mutating func moveBody(to newStart: Int) {
    var moved = ByteBuffer(capacity: newStart + bytes.count - bodyStart)
    for _ in 0..<newStart { moved.append(0) }
    moved.append(bytes.span.extracting(bodyStart..<bytes.count))
    bytes = moved
    bodyStart = newStart
    start = newStart
  }
}
