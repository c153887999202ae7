/// A growable run of plain values with one owner; every access is bounds-checked. What the tape keeps its nodes and names in.
@usableFromInline
package struct Slab<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  // Sound as Sendable: the memory is uniquely owned by a value that cannot be copied, and holds plain bits.
  @usableFromInline internal var base: UnsafeMutablePointer<Element>
  @usableFromInline internal var used: Int
  @usableFromInline internal var room: Int

  /// Makes an empty slab with room for `capacity` elements.
  @usableFromInline
  package init(capacity: Int) {
    unsafe base = .allocate(capacity: max(capacity, 1))
    used = 0
    room = max(capacity, 1)
  }

  /// Makes a slab that holds `count` times `element`.
  internal init(repeating element: Element, count: Int) {
    self.init(capacity: count)
    unsafe base.initialize(repeating: element, count: count)
    used = count
  }

  deinit { unsafe base.deallocate() }

  /// Elements held.
  @inlinable package var count: Int { used }

  @inlinable package subscript(_ index: Int) -> Element {
    _read {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: used))
      yield unsafe base[index]
    }
    _modify {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: used))
      yield unsafe &base[index]
    }
  }

  @inlinable package mutating func append(_ element: Element) {
    if used == room { grow() }
    unsafe (base + used).initialize(to: element)
    used &+= 1
  }

  /// Appends `element` so many times.
  @inlinable package mutating func append(_ element: Element, count: Int) {
    precondition(count >= 0)
    while room &- used < count { grow() }
    unsafe (base + used).initialize(repeating: element, count: count)
    used &+= count
  }

  /// Takes the last element away; there must be one.
  @inlinable package mutating func removeLast() {
    precondition(used > 0)
    used &-= 1
  }

  /// Forgets the elements and keeps the room.
  @inlinable package mutating func removeAll() { used = 0 }

  /// Forgets what lies behind the first `count` elements.
  @inlinable package mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= used)
    used = count
  }

  @usableFromInline internal mutating func grow() {
    let moved = UnsafeMutablePointer<Element>.allocate(capacity: room * 2)
    unsafe moved.update(from: base, count: used)
    unsafe base.deallocate()
    unsafe base = moved
    room *= 2
  }
}
