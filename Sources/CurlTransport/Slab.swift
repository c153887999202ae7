/// Elements that can't be copied, side by side and known by index: a bounds-checked array for `~Copyable` types that only grows.
struct Slab<Element: ~Copyable>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  private var room: Int
  private(set) var count = 0

  init() {
    room = 8
    base = .allocate(capacity: room)
  }

  deinit {
    unsafe base.deinitialize(count: count)
    base.deallocate()
  }

  /// Adds `element` behind the others; moves them where room runs out.
  mutating func append(_ element: consuming Element) {
    if count == room {
      let moved = UnsafeMutablePointer<Element>.allocate(capacity: room * 2)
      unsafe moved.moveInitialize(from: base, count: count)
      base.deallocate()
      unsafe base = moved
      room *= 2
    }
    unsafe (base + count).initialize(to: element)
    count += 1
  }

  // Addresses instead of coroutines: an access is a pointer, even across a call that the optimizer can't see through.
  subscript(_ index: Int) -> Element {
    unsafeAddress {
      precondition(index >= 0 && index < count)
      return unsafe UnsafePointer(base + index)
    }
    unsafeMutableAddress {
      precondition(index >= 0 && index < count)
      return unsafe base + index
    }
  }
}
