internal import Glibc

/// A growable run of bytes with one owner; the only owner of raw memory that requests, answers and pages go through.
///
/// Appending never shrinks capacity, `removeAll` keeps it: a connection's buffer is allocated once and reused for its life.
/// Growth doubles. A buffer without room holds no memory, so that taking one's bytes and leaving an empty one costs nothing. Every access is bounds-checked; reading goes through `span`.
@usableFromInline
package struct ByteBuffer: ~Copyable, @unchecked Sendable {
  // Sound as Sendable: the memory is uniquely owned by a value that cannot be copied.
  @usableFromInline internal var base: UnsafeMutableRawPointer
  @usableFromInline internal var used: Int
  @usableFromInline internal var room: Int

  /// Makes an empty buffer with room for `capacity` bytes.
  package init(capacity: Int = 0) {
    precondition(capacity >= 0)
    base = capacity == 0 ? Self.nowhere : .allocate(byteCount: capacity, alignment: 16)
    used = 0
    room = capacity
  }

  /// Makes a buffer that holds a copy of `bytes`.
  package init(_ bytes: some Sequence<UInt8>) {
    self.init(capacity: bytes.underestimatedCount)
    append(contentsOf: bytes)
  }

  deinit { if room > 0 { base.deallocate() } }

  /// Where a buffer without room points to: never read, never written, never freed.
  private static var nowhere: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped }

  /// Bytes held.
  @inlinable package var count: Int { used }
  /// True when no byte is held.
  @inlinable package var isEmpty: Bool { used == 0 }
  /// Bytes that fit before the next growth.
  @inlinable package var capacity: Int { room }

  /// The bytes, borrowed.
  @inlinable package var span: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let span = unsafe Span(_unsafeStart: UnsafePointer(base.assumingMemoryBound(to: UInt8.self)), count: used)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The bytes, to change in place.
  @inlinable package var mutableSpan: MutableSpan<UInt8> {
    @_lifetime(&self)
    mutating get {
      let span = unsafe MutableSpan(_unsafeStart: base.assumingMemoryBound(to: UInt8.self), count: used)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  @inlinable package subscript(_ index: Int) -> UInt8 {
    get {
      precondition(index >= 0 && index < used)
      return unsafe base.load(fromByteOffset: index, as: UInt8.self)
    }
    set {
      precondition(index >= 0 && index < used)
      unsafe base.storeBytes(of: newValue, toByteOffset: index, as: UInt8.self)
    }
  }

  @inlinable package mutating func append(_ byte: UInt8) {
    if used == room { grow(by: 1) }
    unsafe base.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
    used += 1
  }

  @inlinable package mutating func append(_ bytes: Span<UInt8>) {
    let count = bytes.count
    if room - used < count { grow(by: count) }
    unsafe bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { unsafe (base + used).copyMemory(from: start, byteCount: count) }
    }
    used += count
  }

  /// Appends `count` bytes of `bytes` from `start` on; the fewer than 33 that most such pieces are go without a call.
  @inlinable @inline(__always)
  package mutating func append(_ bytes: Span<UInt8>, from start: Int, count: Int) {
    guard start >= 0 && count >= 0 && count <= 32 && start <= bytes.count &- 32 && room &- used >= 32 else {
      return append(bytes.extracting(start..<start + count))
    }
    // Two vectors whatever the count: what lies behind it is overwritten by whatever comes next.
    let source = bytes.bytes
    unsafe base.storeBytes(
      of: source.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: SIMD16<UInt8>.self), toByteOffset: used, as: SIMD16<UInt8>.self)
    unsafe base.storeBytes(
      of: source.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ 16, as: SIMD16<UInt8>.self), toByteOffset: used &+ 16,
      as: SIMD16<UInt8>.self)
    used &+= count
  }

  // Inlined, so that the few bytes of a literal are stored and not copied by a call.
  @inlinable @inline(__always)
  package mutating func append(_ text: StaticString) {
    let count = text.utf8CodeUnitCount
    if room - used < count { grow(by: count) }
    unsafe (base + used).copyMemory(from: text.utf8Start, byteCount: count)
    used += count
  }

  @inlinable package mutating func append(contentsOf bytes: some Sequence<UInt8>) {
    let done: Void? = bytes.withContiguousStorageIfAvailable { source in
      if room - used < source.count { grow(by: source.count) }
      if let start = source.baseAddress { unsafe (base + used).copyMemory(from: start, byteCount: source.count) }
      used += source.count
    }
    if done == nil { for byte in bytes { append(byte) } }
  }

  /// Writes `bytes` over those held from `offset` on; they must fit within `count`.
  @inlinable package mutating func overwrite(at offset: Int, with bytes: Span<UInt8>) {
    precondition(offset >= 0 && offset + bytes.count <= used)
    unsafe bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { unsafe (base + offset).copyMemory(from: start, byteCount: source.count) }
    }
  }

  /// Makes room for `count` more bytes.
  @inlinable package mutating func reserve(_ count: Int) {
    if room - used < count { grow(by: count) }
  }

  /// Forgets the bytes and keeps the room.
  @inlinable package mutating func removeAll() { used = 0 }

  /// Forgets what lies behind the first `count` bytes.
  @inlinable package mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= used)
    used = count
  }

  /// Forgets the first `count` bytes and moves the rest to the front.
  package mutating func removeFirst(_ count: Int) { remove(0..<count) }

  /// Forgets the bytes in `range` and moves what lies behind them to the left.
  package mutating func remove(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= used)
    unsafe memmove(base + range.lowerBound, base + range.upperBound, used - range.upperBound)
    used -= range.count
  }

  /// Copies the bytes in `range` to those that begin at `target`, which lies before them; the two may overlap.
  package mutating func moveDown(_ range: Range<Int>, to target: Int) {
    precondition(target >= 0 && target <= range.lowerBound && range.upperBound <= used)
    unsafe memmove(base + target, base + range.lowerBound, range.count)
  }

  /// Lets `body` write up to `count` bytes behind those held, and keeps as many as it says it wrote.
  ///
  /// For C calls that fill memory (`recv`); `body` must not say more than it wrote.
  @inlinable package mutating func appendUninitialized<Failure>(
    _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) {
    if room - used < count { grow(by: count) }
    let written = unsafe try body(UnsafeMutableRawBufferPointer(start: base + used, count: count))
    precondition(written >= 0 && written <= count)
    used += written
  }

  /// What large buffers are a multiple of.
  private static let step = 65_536

  @usableFromInline internal mutating func grow(by count: Int) {
    var next = max(room * 2, used + count, 16)
    // In steps, so that what one page of a scan has left behind is enough for the next one, which is hardly ever of the same length.
    if next > Self.step { next = (next + Self.step - 1) / Self.step * Self.step }
    let moved = UnsafeMutableRawPointer.allocate(byteCount: next, alignment: 16)
    unsafe moved.copyMemory(from: base, byteCount: used)
    if room > 0 { base.deallocate() }
    unsafe base = moved
    room = next
  }
}
